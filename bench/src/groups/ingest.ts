/**
 * How many events a second are taken and committed, one by one and in hundreds, and how long senders wait at four fifths of
 * that. The worker is stopped meanwhile: its work is the pipeline's figure, and here it would only take turns on the processor.
 */
import { equal, allOf, makeFigure, median, type Figure, type Oracle } from '../figures.js';
import { numberIn, startChild, type Child } from '../lab/child.js';
import {
  startGenerator,
  type Generator,
  type GeneratorResult,
  type LoadOrder,
} from '../lab/generator.js';
import { count, openWorkspace, type Workspace } from '../lab/lab.js';
import { inTurns, roundTeller, type GroupContext } from './group.js';

const LIMIT_IS = 'bare node + COPY';
const SHARE_OF_THROUGHPUT = 0.8;

interface Shape {
  readonly name: string;
  readonly batch: number;
  readonly connections: number;
  readonly goal: number;
}

const SINGLE: Shape = { name: 'ingest.single', batch: 1, connections: 256, goal: 0.6 };
const BATCHED: Shape = { name: 'ingest.batch100', batch: 100, connections: 16, goal: 0.5 };

interface Bench extends GroupContext {
  readonly generator: Generator;
  readonly workspace: Workspace;
  readonly bare: Child & { readonly port: number };
}

export async function ingest(context: GroupContext): Promise<Figure[]> {
  const { lab } = context;
  const workspace = await openWorkspace(lab, 'ingest');
  await lab.admin.query(
    'create table bare_log (id bigint generated always as identity, at timestamptz not null default now(), body text not null)',
  );
  await lab.stack.worker.stop();
  const generator = await startGenerator();
  const bare = await startBare(lab.databaseUrl);
  try {
    const bench = { ...context, generator, workspace, bare };
    const single = await throughput(bench, SINGLE);
    const batched = await throughput(bench, BATCHED);
    return [single.figure, batched.figure, await ackLatency(bench, single.eventsPerSecond)];
  } finally {
    await bare.stop();
    await generator.stop();
    await lab.admin.query('drop table bare_log');
  }
}

async function startBare(databaseUrl: string): Promise<Child & { readonly port: number }> {
  const child = await startChild('bare-ingest', [databaseUrl]);
  return { ...child, port: numberIn(child.ready, 'port') };
}

async function throughput(
  bench: Bench,
  shape: Shape,
): Promise<{ figure: Figure; eventsPerSecond: number }> {
  const { plan } = bench;
  const run = sidesOf(bench, {
    bodies: 'pooled',
    batch: shape.batch,
    connections: shape.connections,
    seconds: plan.ingestSeconds,
    warmSeconds: plan.warmSeconds,
  });
  const results = await inTurns(plan.rounds, {
    ...run,
    onRound: roundTeller(bench.report, shape.name, plan.rounds),
  });
  const rounds = results.map(({ product, limit }) => ({
    product: rateOf(product),
    limit: rateOf(limit),
  }));
  const figure = makeFigure({
    name: shape.name,
    unit: 'events/s',
    rounds,
    limitIs: LIMIT_IS,
    goal: { ratioMin: shape.goal },
    oracle: await run.oracle(results),
  });
  return { figure, eventsPerSecond: median(rounds.map((round) => round.product)) };
}

async function ackLatency(bench: Bench, eventsPerSecond: number): Promise<Figure> {
  const { plan } = bench;
  const run = sidesOf(bench, {
    bodies: 'pooled',
    batch: SINGLE.batch,
    connections: SINGLE.connections,
    seconds: plan.ingestSeconds,
    warmSeconds: plan.warmSeconds,
    rate: Math.max(1, Math.round(eventsPerSecond * SHARE_OF_THROUGHPUT)),
  });
  const results = await inTurns(plan.rounds, {
    ...run,
    onRound: roundTeller(bench.report, 'ingest.ack_p99', plan.rounds),
  });
  return makeFigure({
    name: 'ingest.ack_p99',
    unit: 'ms',
    rounds: results.map(({ product, limit }) => ({
      product: product.latencyMs.p99,
      limit: limit.latencyMs.p99,
    })),
    limitIs: `${LIMIT_IS}, same rate`,
    goal: { ratioMax: 2, max: 50 },
    oracle: await run.oracle(results),
  });
}

type Load = Omit<LoadOrder, 'port' | 'authorization' | 'seed'>;

interface Results {
  readonly product: GeneratorResult;
  readonly limit: GeneratorResult;
}

let nextSeed = 1;

/** The same load for both sides, and how to find out whether each kept all that it said it kept. */
function sidesOf(bench: Bench, load: Load) {
  const { generator, workspace, bare, lab } = bench;
  const send = (port: number): Promise<GeneratorResult> => {
    nextSeed += 1;
    const { authorization } = workspace;
    return generator.run({ ...load, port, authorization, seed: nextSeed });
  };
  let before: Promise<readonly [number, number]> | null = null;
  const began = (): Promise<readonly [number, number]> => (before ??= storedEvents(bench));
  return {
    product: async () => {
      await began();
      return send(lab.apiPort);
    },
    limit: () => send(bare.port),
    oracle: async (results: readonly Results[]): Promise<Oracle> => {
      const [productBefore, limitBefore] = await began();
      const [product, limit] = await storedEvents(bench);
      const sum = (side: keyof Results, what: 'events' | 'failures'): number =>
        results.reduce((total, result) => total + result[side][what], 0);
      return allOf(
        equal('rows', product - productBefore, sum('product', 'events')),
        equal('bare rows', (limit - limitBefore) * load.batch, sum('limit', 'events')),
        equal('refused', sum('product', 'failures') + sum('limit', 'failures'), 0),
      );
    },
  };
}

async function storedEvents({ lab, workspace }: Bench): Promise<readonly [number, number]> {
  const product = await count(
    lab,
    `select coalesce(sum(events), 0) as n from event_log where workspace_id = $1 and kind = 'http'`,
    [workspace.workspaceId],
  );
  return [product, await count(lab, 'select count(*) as n from bare_log')] as const;
}

function rateOf({ measured }: GeneratorResult): number {
  return measured.events / measured.seconds;
}
