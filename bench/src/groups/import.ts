/**
 * A file of customers on its way: into the log, beside COPY of the same file into a bare table; and into profiles, beside what
 * the lane makes of the standard load through the door.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@throughline/scripts/failure';
import { allOf, equal, makeFigure, type Figure, type Oracle } from '../figures.js';
import { field, numberIn, textIn } from '../lab/child.js';
import { fullSpeed, type FullSpeed } from '../lab/full-speed.js';
import { startGenerator, type Generator } from '../lab/generator.js';
import { count, openWorkspace, publish, publishSegments, type Workspace } from '../lab/lab.js';
import { levelled } from '../lab/lane-watch.js';
import { copyIn } from '../limits/copy-in.js';
import {
  CUSTOMER_MAPPING,
  customerFile,
  FILE_ATTRIBUTES,
  FILE_COLUMNS,
} from '../load/customer-file.js';
import { standardSegments } from '../load/standard-definitions.js';
import { inTurns, roundTeller, type GroupContext } from './group.js';

const DONE_LIMIT_MS = 3_600_000;

interface Bench extends GroupContext {
  readonly workspace: Workspace;
  /** where the standard load goes, so that the import's customers can be counted */
  readonly beside: Workspace;
  readonly generator: Generator;
}

export async function importing(context: GroupContext): Promise<Figure[]> {
  const { lab } = context;
  const workspace = await openFurnished(context, 'import');
  for (const attribute of FILE_ATTRIBUTES)
    await workspace.api.put(`/api/v1/attributes/${attribute.key}`, attribute);
  await publish(workspace, 'mappings', CUSTOMER_MAPPING);
  const beside = await openFurnished(context, 'import-beside');
  await lab.admin.query(
    `create table bare_row (${FILE_COLUMNS.map((name) => `${name} text`).join(', ')})`,
  );
  const generator = await startGenerator();
  try {
    const bench = { ...context, workspace, beside, generator };
    return [await staged(bench), await processed(bench)];
  } finally {
    await generator.stop();
    await lab.admin.query('drop table bare_row');
  }
}

async function openFurnished({ lab }: GroupContext, key: string): Promise<Workspace> {
  const workspace = await openWorkspace(lab, key);
  await publishSegments(lab, workspace, standardSegments());
  await levelled(lab, workspace.workspaceId);
  return workspace;
}

interface Timed {
  readonly rowsPerSecond: number;
  readonly oracle: Oracle;
}

async function staged(bench: Bench): Promise<Figure> {
  const { plan, report, lab } = bench;
  const rows = plan.sizes.importRows;
  const results = await inTurns(plan.rounds, {
    product: (round) => stage(bench, customerFile(70_000 + round, rows)),
    limit: (round) => copy(bench, customerFile(70_000 + round, rows)),
    onRound: roundTeller(report, 'import.staged', plan.rounds),
  });
  return makeFigure({
    name: 'import.staged',
    unit: 'rows/s',
    rounds: roundsOf(results),
    limitIs: 'COPY of the same file',
    goal: { ratioMin: 0.9 },
    oracle: allOf(...results.flatMap(({ product, limit }) => [product.oracle, limit.oracle])),
    dev: lab.dev,
  });
}

function roundsOf(results: readonly { readonly product: Timed; readonly limit: Timed }[]) {
  return results.map(({ product, limit }) => ({
    product: product.rowsPerSecond,
    limit: limit.rowsPerSecond,
  }));
}

/** Until every row is stored; what comes after goes on behind, and is waited for before anything else is timed. */
async function stage(bench: Bench, file: string): Promise<Timed> {
  const rows = bench.plan.sizes.importRows;
  const begin = performance.now();
  const { id, total } = await upload(bench, file);
  const rowsPerSecond = rows / secondsSince(begin);
  await done(bench, id);
  return { rowsPerSecond, oracle: equal('rows staged', total, rows) };
}

async function copy({ lab, plan }: Bench, file: string): Promise<Timed> {
  const rows = plan.sizes.importRows;
  await lab.admin.query('truncate bare_row');
  const client = await lab.admin.connect();
  try {
    const begin = performance.now();
    await copyIn(client, 'copy bare_row from stdin (format csv, header)', file);
    const rowsPerSecond = rows / secondsSince(begin);
    const found = await count(lab, 'select count(*) as n from bare_row');
    return { rowsPerSecond, oracle: equal('rows copied', found, rows) };
  } finally {
    client.release();
  }
}

async function processed(bench: Bench): Promise<Figure> {
  const { plan, report, lab } = bench;
  const results = await inTurns(plan.rounds, {
    product: (round) => importFile(bench, round),
    limit: (round) => pipelineRound(bench, round),
    onRound: roundTeller(report, 'import.processed', plan.rounds),
  });
  const refused = results.reduce((sum, { limit }) => sum + limit.failures, 0);
  return makeFigure({
    name: 'import.processed',
    unit: 'rows/s',
    rounds: results.map(({ product, limit }) => ({
      product: product.rowsPerSecond,
      limit: limit.eventsPerSecond,
    })),
    limitIs: 'the standard load through the door, events/s',
    goal: { ratioMin: 1 },
    oracle: allOf(...results.map(({ product }) => product.oracle), equal('refused', refused, 0)),
    dev: lab.dev,
  });
}

/** From the first byte to the last profile. */
async function importFile(bench: Bench, round: number): Promise<Timed> {
  const { plan, lab, workspace } = bench;
  const rows = plan.sizes.importRows;
  const before = await customers(bench);
  const file = customerFile(80_000 + round, rows);
  const begin = performance.now();
  const { id } = await upload(bench, file);
  const ended = await done(bench, id);
  await levelled(lab, workspace.workspaceId);
  const rowsPerSecond = rows / secondsSince(begin);
  return {
    rowsPerSecond,
    oracle: allOf(
      equal('accepted', numberIn(field(ended, 'events'), 'accepted'), rows),
      equal('rejected', numberIn(field(ended, 'rows'), 'rejected'), 0),
      equal('new customers', (await customers(bench)) - before, rows),
    ),
  };
}

function pipelineRound({ lab, plan, beside, generator }: Bench, round: number): Promise<FullSpeed> {
  const { warmSeconds, pipelineSeconds: seconds } = plan;
  return fullSpeed(
    { lab, workspace: beside, generator },
    { seed: 90_000 + round, seconds, warmSeconds, triggersBefore: 0 },
  );
}

function customers({ lab, workspace }: Bench): Promise<number> {
  return count(
    lab,
    'select count(*) as n from customer where workspace_id = $1 and merged_into is null',
    [workspace.workspaceId],
  );
}

async function upload(
  { lab, workspace }: Bench,
  file: string,
): Promise<{ readonly id: string; readonly total: number }> {
  const { key } = CUSTOMER_MAPPING;
  const response = await fetch(
    `${lab.stack.api.url}/api/v1/imports?kind=customers&mapping=${key}`,
    {
      method: 'POST',
      headers: { authorization: workspace.management, 'content-type': 'text/csv' },
      body: file,
    },
  );
  const answer: unknown = await response.json();
  if (response.status !== 202)
    throw failed(`the upload was answered ${response.status}`, JSON.stringify(answer));
  return { id: textIn(answer, 'id'), total: numberIn(field(answer, 'rows'), 'total') };
}

/** Decided, every row of it. */
async function done({ workspace }: Bench, id: string): Promise<Record<string, unknown>> {
  const until = performance.now() + DONE_LIMIT_MS;
  for (;;) {
    const answer = await workspace.api.get(`/api/v1/imports/${id}`);
    const state = answer['state'];
    if (state === 'done') return answer;
    if (state === 'failed' || state === 'cancelled' || performance.now() > until)
      throw failed(`the import is ${String(state)}`, JSON.stringify(answer));
    await delay(25);
  }
}

function failed(sentence: string, detail: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `A file did not come through: ${sentence}.`,
    command: 'npm run bench -- import --quick',
    details: [detail],
  });
}

function secondsSince(begin: number): number {
  return (performance.now() - begin) / 1_000;
}
