/** What a customer who waits costs: bytes of the tables of enrolments and of Temporal, beside a bare workflow that sleeps. */
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@throughline/scripts/failure';
import { allOf, equal, makeFigure, type Figure, type Oracle } from '../figures.js';
import { growthEach, temporalSizes, waitingSizes, type Sizes } from '../lab/disk.js';
import { count, type Workspace } from '../lab/lab.js';
import { send, type By, type Senders } from '../lab/latency.js';
import type { ActionReport } from '../load/send-at-rate.js';
import type { GroupContext } from './group.js';

export type JourneyBench = GroupContext & Senders & { readonly workspace: Workspace };

const BEGIN_PER_SECOND = 40;
const STANDING_LIMIT_MS = 600_000;
/** The last of them still has to tell Temporal so, and Temporal's own queues to run dry. */
const SETTLE_MS = 5_000;
/** Tables that take less are not listed by themselves. */
const LISTED_SHARE = 0.03;

interface Waiting {
  readonly each: readonly (readonly [table: string, bytes: number])[];
  readonly report: ActionReport;
}

export async function bytesWaiting(bench: JourneyBench): Promise<Figure[]> {
  const { lab, report } = bench;
  const { waiting: howMany } = bench.plan.sizes;
  report({ kind: 'note', text: `journeys.bytes_waiting: ${howMany} that wait, and as many bare` });
  const product = await grow(bench, { by: 'event', event: 'Rest' }, () => waitingSizes(lab));
  const bare = await grow(bench, { by: 'start', workflow: 'bareRest' }, () => temporalSizes(lab));
  const oracle = allOf(
    equal('begun', product.report.sent - product.report.refused, howMany),
    equal('bare begun', bare.report.sent - bare.report.refused, howMany),
    equal('waiting', await standing(bench), howMany),
  );
  return figuresOf(bench, product, { bare, oracle });
}

async function grow(
  bench: JourneyBench,
  means: By,
  measure: () => Promise<Sizes>,
): Promise<Waiting> {
  const { waiting: howMany } = bench.plan.sizes;
  const before = await measure();
  const report = await send(bench, means, {
    ...{ run: `rest-${means.by}`, count: howMany, rate: BEGIN_PER_SECOND, until: 'sent' },
  });
  if (means.by === 'event') await allStanding(bench, howMany);
  await delay(SETTLE_MS);
  return { each: growthEach(before, await measure(), howMany), report };
}

function standing({ lab, workspace }: JourneyBench): Promise<number> {
  return count(
    lab,
    `select count(*) as n from wait w join enrolment e using (workspace_id, enrolment_id)
      where w.workspace_id = $1 and e.journey_key = 'rest' and w.closed_at is null`,
    [workspace.workspaceId],
  );
}

async function allStanding(bench: JourneyBench, wanted: number): Promise<void> {
  const until = performance.now() + STANDING_LIMIT_MS;
  for (;;) {
    const found = await standing(bench);
    if (found >= wanted) return;
    if (performance.now() > until)
      throw new Failure({
        code: 'not_ready',
        sentence: `Only ${found} of ${wanted} journeys came to their wait.`,
        command: 'npm run bench -- journeys --quick',
      });
    await delay(100);
  }
}

function totalOf({ each }: Waiting): number {
  return each.reduce((sum, [, bytes]) => sum + bytes, 0);
}

function figuresOf(
  { lab }: JourneyBench,
  product: Waiting,
  { bare, oracle }: { readonly bare: Waiting; readonly oracle: Oracle },
): Figure[] {
  const total = totalOf(product);
  const bareBytes = new Map(bare.each);
  const common = { unit: 'bytes', oracle, dev: lab.dev };
  const listed = product.each.filter(([, bytes]) => bytes >= total * LISTED_SHARE);
  return [
    makeFigure({
      ...common,
      name: 'journeys.bytes_waiting',
      rounds: [{ product: total, limit: totalOf(bare) }],
      limitIs: 'bare workflow that sleeps',
      goal: { ratioMax: 2.5 },
    }),
    ...listed.map(([table, bytes]) =>
      makeFigure({
        ...common,
        name: `journeys.bytes_waiting.${table}`,
        rounds: [{ product: bytes, limit: bareBytes.get(table) ?? null }],
        limitIs: 'bare workflow that sleeps',
      }),
    ),
  ];
}
