/**
 * The standard load through everything: door, log, identity, profile, segments, enrolments. Rounds at full speed say how much
 * a lane can do, held back so that it never falls far behind; then a soak at the goal's rate says whether it stays level.
 */
import { allOf, equal, makeFigure, median, slope, type Figure, type Oracle } from '../figures.js';
import { numberIn, startChild } from '../lab/child.js';
import { startGenerator, type Generator, type GeneratorResult } from '../lab/generator.js';
import { BATCH, fullSpeed, sendStandard, type StandardOrder } from '../lab/full-speed.js';
import { count, openWorkspace, publish, type Workspace } from '../lab/lab.js';
import { levelled, lookAtLane, watchLane, type Sample } from '../lab/lane-watch.js';
import { cpuSeconds, treeOf } from '../lab/usage.js';
import { BARE_CUSTOMER } from '../limits/bare-customers.js';
import { STANDARD_JOURNEY, standardSegments } from '../load/standard-definitions.js';
import { TallyKeeper, type Tally } from '../load/tally.js';
import { inTurns, roundTeller, type GroupContext } from './group.js';

const GOAL_PER_SECOND = 3_000;
/** Longer than the pauses of a checkpoint, far shorter than what a load that is too high would come to. */
const LEVEL_LAG_MS = 2_000;
/** So far behind, the lane is too slow, and nobody learns more from a longer wait. */
const HOPELESS_LAG_MS = 30_000;
const LEVEL_AGAIN_MS = 600_000;

interface Bench extends GroupContext {
  readonly workspace: Workspace;
  readonly generator: Generator;
  readonly keeper: TallyKeeper;
  readonly barePort: number;
}

interface Measured {
  readonly eventsPerSecond: number;
  readonly failures: number;
}

/** Whose processor time it is. */
const PAYERS = ['api', 'worker', 'postgres', 'temporal'] as const;
type Payer = (typeof PAYERS)[number];

interface ProductMeasured extends Measured {
  readonly cpuPerThousand: Readonly<Record<Payer, number>>;
  readonly walPerEvent: number;
}

export async function pipeline(context: GroupContext): Promise<Figure[]> {
  const { lab, report } = context;
  const workspace = await openWorkspace(lab, 'pipeline');
  report({ kind: 'begin', task: 'Segments and journey of the standard load' });
  for (const segment of standardSegments()) await publish(workspace, 'segments', segment);
  await publish(workspace, 'journeys', STANDARD_JOURNEY);
  await levelled(lab, workspace.workspaceId);
  report({ kind: 'done', task: 'Segments and journey of the standard load', detail: 'live' });
  await lab.admin.query(`
    create table bare_event (id bigint generated always as identity, at timestamptz not null default now(),
      customer_key text not null, name text not null, body text not null);
    ${BARE_CUSTOMER}`);
  const generator = await startGenerator();
  const bare = await startChild('bare-pipeline', [lab.databaseUrl]);
  try {
    const barePort = numberIn(bare.ready, 'port');
    return await measure({ ...context, workspace, generator, keeper: new TallyKeeper(), barePort });
  } finally {
    await bare.stop();
    await generator.stop();
    await lab.admin.query('drop table bare_event, bare_customer');
  }
}

async function measure(bench: Bench): Promise<Figure[]> {
  const { plan, report } = bench;
  const results = await inTurns(plan.rounds, {
    product: (round) => productRound(bench, 1_000 + round),
    limit: (round) => limitRound(bench, 2_000 + round),
    onRound: roundTeller(report, 'pipeline.processed', plan.rounds),
  });
  report({
    kind: 'note',
    text: `pipeline.lag: ${plan.soakSeconds} s at ${GOAL_PER_SECOND} events/s`,
  });
  const soaked = await soak(bench, 3_000);
  const oracle = allOf(
    ...(await rightOracles(bench)),
    equal(
      'refused',
      results.reduce((n, r) => n + r.product.failures + r.limit.failures, soaked.failures),
      0,
    ),
  );
  return figuresOf(bench, { results, soaked, oracle });
}

interface Soaked {
  readonly growthMsPerSecond: number;
  readonly endMs: number;
  readonly worstMs: number;
  readonly failures: number;
}

interface Found {
  readonly results: readonly { readonly product: ProductMeasured; readonly limit: Measured }[];
  readonly soaked: Soaked;
  readonly oracle: Oracle;
}

function figuresOf(bench: Bench, found: Found): Figure[] {
  const { results, oracle } = found;
  const { dev } = bench.lab;
  const only = (name: string, unit: string, values: readonly number[]): Figure => {
    const rounds = values.map((product) => ({ product, limit: null }));
    return makeFigure({ name, unit, rounds, oracle, dev });
  };
  const cpu = PAYERS.map((payer) =>
    only(
      `pipeline.cpu_per_1k.${payer}`,
      's',
      results.map(({ product }) => product.cpuPerThousand[payer]),
    ),
  );
  const wal = results.map(({ product }) => product.walPerEvent);
  return [
    makeFigure({
      name: 'pipeline.processed',
      unit: 'events/s',
      rounds: results.map(({ product, limit }) => ({
        product: product.eventsPerSecond,
        limit: limit.eventsPerSecond,
      })),
      limitIs: 'COPY + merge-upsert in plain SQL',
      goal: { min: GOAL_PER_SECOND },
      oracle,
      dev,
    }),
    lagFigure(bench, found),
    ...cpu,
    only('pipeline.wal_per_event', 'bytes', wal),
  ];
}

function lagFigure({ plan, lab }: Bench, { soaked, oracle }: Found): Figure {
  const { endMs, worstMs, growthMsPerSecond } = soaked;
  const growth = `${plan.soakSeconds} s at ${GOAL_PER_SECOND} events/s: lag grew ${growthMsPerSecond.toFixed(2)} ms/s, worst ${worstMs.toFixed(0)} ms`;
  return makeFigure({
    name: 'pipeline.lag_end',
    unit: 'ms',
    rounds: [{ product: endMs, limit: null }],
    goal: { max: LEVEL_LAG_MS },
    oracle: allOf(oracle, { held: true, says: growth }),
    dev: lab.dev,
  });
}

/** As fast as the lane can take it: senders are held back while it is behind. */
async function productRound(bench: Bench, seed: number): Promise<ProductMeasured> {
  const { plan, keeper } = bench;
  const usageBefore = await usageOf(bench);
  const result = await fullSpeed(bench, {
    seed,
    seconds: plan.pipelineSeconds,
    warmSeconds: plan.warmSeconds,
    triggersBefore: keeper.triggersUsed,
  });
  const usage = await usageOf(bench);
  keeper.replay(seed, result.events);
  return {
    eventsPerSecond: result.eventsPerSecond,
    failures: result.failures,
    cpuPerThousand: perThousand(usage.cpu, usageBefore.cpu, result.events),
    walPerEvent: (usage.wal - usageBefore.wal) / result.events,
  };
}

async function limitRound(bench: Bench, seed: number): Promise<Measured> {
  const { plan, barePort, lab } = bench;
  const before = await count(lab, 'select count(*) as n from bare_event');
  const result = await send(bench, { seed, seconds: plan.pipelineSeconds, port: barePort });
  const rows = (await count(lab, 'select count(*) as n from bare_event')) - before;
  return {
    eventsPerSecond: result.measured.events / result.measured.seconds,
    failures: result.failures + Math.abs(rows - result.events),
  };
}

function send(
  { generator, workspace, plan, keeper }: Bench,
  order: Omit<StandardOrder, 'warmSeconds' | 'triggersBefore'>,
): Promise<GeneratorResult> {
  const { warmSeconds } = plan;
  const triggersBefore = keeper.triggersUsed;
  return sendStandard(generator, workspace, { ...order, warmSeconds, triggersBefore });
}

/** The goal's rate without a pause: a lane that is too slow falls behind further and further. */
async function soak(bench: Bench, seed: number): Promise<Soaked> {
  const { lab, workspace, plan, generator } = bench;
  const watch = watchLane(lab, workspace.workspaceId, {
    everyMs: 250,
    onLook: ({ lagMs }) => {
      if (lagMs > HOPELESS_LAG_MS) generator.end();
    },
  });
  const result = await send(bench, {
    seed,
    seconds: plan.soakSeconds,
    port: lab.apiPort,
    rate: GOAL_PER_SECOND / BATCH,
  });
  const samples = await watch.stop();
  await levelled(lab, workspace.workspaceId, LEVEL_AGAIN_MS);
  bench.keeper.replay(seed, result.events);
  return { ...lagOf(samples), failures: result.failures };
}

/** A single look may fall into a batch; the last tenth together says how far behind the lane ended. */
export function lagOf(samples: readonly Sample[]): Omit<Soaked, 'failures'> {
  const lags = samples.map(({ lagMs }) => lagMs);
  return {
    growthMsPerSecond: slope(samples.map(({ at, lagMs }) => [at, lagMs] as const)),
    endMs: median(lags.slice(-Math.max(1, Math.ceil(lags.length / 10)))),
    worstMs: Math.max(0, ...lags),
  };
}

interface Usage {
  readonly cpu: Readonly<Record<Payer, number>>;
  readonly wal: number;
}

/** Processor time, and bytes of the write-ahead log: what survives a busy machine. */
async function usageOf({ lab }: Bench): Promise<Usage> {
  const cpuOf = (pid: number): number => cpuSeconds(treeOf(pid));
  return {
    cpu: {
      api: cpuOf(lab.stack.api.pid()),
      worker: cpuOf(lab.stack.worker.pid()),
      postgres: cpuOf(lab.postgres.pid()),
      temporal: lab.temporalPid === null ? 0 : cpuOf(lab.temporalPid),
    },
    wal: await count(lab, `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as n`),
  };
}

function perThousand(
  after: Usage['cpu'],
  before: Usage['cpu'],
  events: number,
): ProductMeasured['cpuPerThousand'] {
  const of = (payer: Payer): number => ((after[payer] - before[payer]) / events) * 1_000;
  return {
    api: of('api'),
    worker: of('worker'),
    postgres: of('postgres'),
    temporal: of('temporal'),
  };
}

/** Everything that was sent is there once, counted from the seeds. */
async function rightOracles(bench: Bench): Promise<Oracle[]> {
  const { lab, workspace, keeper } = bench;
  const { workspaceId } = workspace;
  const view = await lookAtLane(lab, workspaceId);
  const rows = (sql: string): Promise<number> => count(lab, sql, [workspaceId]);
  const expected: Tally = keeper.tally;
  return [
    equal('applied', view.applied, expected.good),
    equal('duplicates', view.duplicates, expected.duplicates),
    equal(
      'quarantined',
      await rows('select count(*) as n from quarantine where workspace_id = $1'),
      expected.bad,
    ),
    equal(
      'customers',
      await rows(
        'select count(*) as n from customer where workspace_id = $1 and merged_into is null',
      ),
      expected.customers,
    ),
    equal(
      'facts',
      await rows(
        'select sum(f.value::int) as n from customer c, json_each_text(c.facts) f where workspace_id = $1',
      ),
      expected.facts,
    ),
    equal(
      'enrolments',
      await rows('select count(*) as n from enrolment where workspace_id = $1'),
      expected.enrolments,
    ),
  ];
}
