/**
 * Journeys beside bare workflows of the same shape on the same server: how many a second walk through send, wait and send; how
 * many a second act when all are due in the same second; and what one that waits costs in the databases.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { allOf, makeFigure, type Figure, type Oracle } from '../figures.js';
import { openWorkspace, publish } from '../lab/lab.js';
import { levelled } from '../lab/lane-watch.js';
import { onceEach, send, startActors, type By, type Order } from '../lab/latency.js';
import { putSink, REST_JOURNEY, STORM_JOURNEY, WALK_JOURNEY } from '../load/journey-definitions.js';
import type { ActionReport } from '../load/send-at-rate.js';
import { inTurns, roundTeller, type GroupContext } from './group.js';
import { bytesWaiting } from './journeys-bytes.js';
import type { JourneyBench } from './journeys-bytes.js';

/** Faster than anybody walks through them: what is measured is how they are worked off. */
const BEGIN_PER_SECOND = 200;
/** Begun slowly enough that all of them wait when they become due. */
const PARK_PER_SECOND = 20;
const PARK_MARGIN_MS = 10_000;
const PATIENCE_MS = 600_000;
const WALK_MARKS: readonly string[] = ['/1', '/2'];

export async function journeys(context: GroupContext): Promise<Figure[]> {
  const { lab } = context;
  const actors = await startActors(lab);
  try {
    const workspace = await openWorkspace(lab, 'journeys');
    await putSink(workspace, actors.sinkPort);
    for (const journey of [WALK_JOURNEY, STORM_JOURNEY, REST_JOURNEY])
      await publish(workspace, 'journeys', journey);
    await levelled(lab, workspace.workspaceId);
    const bench = { ...context, workspace, latency: actors.latency };
    await warmUp(bench);
    return [await rate(bench), await storm(bench), ...(await bytesWaiting(bench))];
  } finally {
    await actors.stop();
  }
}

async function warmUp(bench: JourneyBench): Promise<void> {
  const few = { ...walkOrder('warm', 5), rate: 10 };
  await send(bench, { by: 'event', event: 'Walk' }, few);
  await send(bench, { by: 'start', workflow: 'bareWalk' }, { ...few, run: 'warm-bare' });
}

function walkOrder(run: string, count: number): Order {
  return {
    ...{ run, count, rate: BEGIN_PER_SECOND, until: 'arrived' },
    ...{ marks: WALK_MARKS, patienceMs: PATIENCE_MS },
  };
}

async function rate(bench: JourneyBench): Promise<Figure> {
  const { plan, report } = bench;
  const walk = (means: By, run: string): Promise<ActionReport> =>
    send(bench, means, walkOrder(run, plan.sizes.walking));
  const results = await inTurns(plan.rounds, {
    product: (round) => walk({ by: 'event', event: 'Walk' }, `walk${round}`),
    limit: (round) => walk({ by: 'start', workflow: 'bareWalk' }, `bare-walk${round}`),
    onRound: roundTeller(report, 'journeys.rate', plan.rounds),
  });
  return rateFigure(bench, {
    name: 'journeys.rate',
    limitIs: 'bare workflow that sends, sleeps 1 s and sends',
    rounds: results.map(({ product, limit }) => ({
      product: perSecond(product, product.beganAt),
      limit: perSecond(limit, limit.beganAt),
    })),
    oracle: bothSides(results),
  });
}

interface Stormed {
  readonly report: ActionReport;
  readonly dueAt: number;
}

async function storm(bench: JourneyBench): Promise<Figure> {
  const { plan, report } = bench;
  const results = await inTurns(plan.rounds, {
    product: (round) => park(bench, { by: 'event', event: 'Storm' }, `storm${round}`),
    limit: (round) => park(bench, { by: 'start', workflow: 'bareStorm' }, `bare-storm${round}`),
    onRound: roundTeller(report, 'journeys.storm', plan.rounds),
  });
  const early = results
    .flatMap(({ product, limit }) => [product, limit])
    .filter((side) => side.report.endedAt < side.dueAt).length;
  return rateFigure(bench, {
    name: 'journeys.storm',
    limitIs: 'bare timers of the same instant',
    rounds: results.map(({ product, limit }) => ({
      product: perSecond(product.report, product.dueAt),
      limit: perSecond(limit.report, limit.dueAt),
    })),
    oracle: allOf(
      bothSides(
        results.map(({ product, limit }) => ({ product: product.report, limit: limit.report })),
      ),
      { held: early === 0, says: `${early} rounds over before they were due` },
    ),
  });
}

/** All of them wait for one instant, well after the last has begun. */
async function park(bench: JourneyBench, means: By, run: string): Promise<Stormed> {
  const count = bench.plan.sizes.storm;
  const dueAt =
    Math.ceil((Date.now() + (count / PARK_PER_SECOND) * 1_000 + PARK_MARGIN_MS) / 1_000) * 1_000;
  const report = await send(bench, means, {
    ...{ run, count, dueAt, rate: PARK_PER_SECOND },
    ...{ until: 'arrived', patienceMs: PATIENCE_MS },
  });
  // What was worked off last leaves nothing for the other side to stumble over.
  await delay(1_000);
  return { report, dueAt };
}

function perSecond({ arrived, endedAt }: ActionReport, from: number): number {
  return (arrived / Math.max(1, endedAt - from)) * 1_000;
}

function bothSides(
  results: readonly { readonly product: ActionReport; readonly limit: ActionReport }[],
): Oracle {
  return allOf(
    ...results.flatMap(({ product, limit }) => [
      onceEach('journeys', product),
      onceEach('bare', limit),
    ]),
  );
}

function rateFigure(
  { lab }: JourneyBench,
  figure: {
    readonly name: string;
    readonly limitIs: string;
    readonly rounds: readonly { readonly product: number; readonly limit: number }[];
    readonly oracle: Oracle;
  },
): Figure {
  return makeFigure({ ...figure, unit: 'journeys/s', goal: { ratioMin: 0.7 }, dev: lab.dev });
}
