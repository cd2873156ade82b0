/**
 * How long readers of profiles wait while the lane works: the API's answer with everything that it knows of a customer, beside
 * Fastify with one prepared statement that answers the traits. Whom they ask for follows Zipf.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { allOf, equal, makeFigure, type Figure, type Oracle } from '../figures.js';
import { numberIn, startChild } from '../lab/child.js';
import { BATCH, fullSpeed, sendStandard } from '../lab/full-speed.js';
import { startGenerator, type Generator, type GeneratorResult } from '../lab/generator.js';
import { openWorkspace, publishSegments, type Workspace } from '../lab/lab.js';
import { levelled } from '../lab/lane-watch.js';
import { standardSegments } from '../load/standard-definitions.js';
import { inTurns, roundTeller, type GroupContext } from './group.js';

const CONNECTIONS = 64;
const MOST_PROFILES = 20_000;
const COMPARED = 20;
/** The key that reads need not see these: they are masked on the way, which is part of what is timed. */
const MASKED: ReadonlySet<string> = new Set(['email', 'name']);
/** The load is under way before anybody reads, and until after. */
const MARGIN_SECONDS = 1;

interface Bench extends GroupContext {
  readonly workspace: Workspace;
  readonly reader: Generator;
  readonly loader: Generator;
  readonly customers: readonly string[];
  readonly barePort: number;
}

export async function profile(context: GroupContext): Promise<Figure[]> {
  const { lab, plan } = context;
  const workspace = await openWorkspace(lab, 'profile');
  const { workspaceId } = workspace;
  await publishSegments(lab, workspace, standardSegments());
  await levelled(lab, workspaceId);
  const children: { stop(): Promise<void> }[] = [];
  try {
    const loader = await startGenerator();
    children.push(loader);
    const reader = await startGenerator();
    children.push(reader);
    const bare = await startChild('bare-profile', [lab.databaseUrl, workspaceId]);
    children.push(bare);
    const { warmSeconds, pipelineSeconds: seconds } = plan;
    const means = { lab, workspace, generator: loader };
    await fullSpeed(means, { seed: 110_000, seconds, warmSeconds, triggersBefore: 0 });
    await lab.admin.query('vacuum analyze customer');
    const customers = await customersOf(context, workspaceId);
    const barePort = numberIn(bare.ready, 'port');
    return [await measure({ ...context, workspace, loader, reader, customers, barePort })];
  } finally {
    for (const child of children.reverse()) await child.stop();
  }
}

async function customersOf({ lab }: GroupContext, workspaceId: string): Promise<string[]> {
  const { rows } = await lab.admin.query<{ id: string }>(
    `select customer_id as id from customer where workspace_id = $1 and merged_into is null
      order by first_position, first_ordinal limit ${MOST_PROFILES}`,
    [workspaceId],
  );
  return rows.map(({ id }) => id);
}

interface Side {
  readonly read: GeneratorResult;
  readonly load: GeneratorResult;
}

async function measure(bench: Bench): Promise<Figure> {
  const { plan, report, lab } = bench;
  const results = await inTurns(plan.rounds, {
    product: (round) => side(bench, 'product', round),
    limit: (round) => side(bench, 'bare', round),
    onRound: roundTeller(report, 'profile.p99', plan.rounds),
  });
  return makeFigure({
    name: 'profile.p99',
    unit: 'ms',
    rounds: results.map(({ product, limit }) => ({
      product: product.read.latencyMs.p99,
      limit: limit.read.latencyMs.p99,
    })),
    limitIs: `bare Fastify + prepared select, ${plan.sizes.profilesPerSecond} reads/s, ${plan.halfLoad} events/s`,
    goal: { ratioMax: 2, max: 20 },
    oracle: allOf(
      ...results.flatMap(({ product, limit }) => [read(bench, product), read(bench, limit)]),
      await sameTraits(bench),
    ),
    dev: lab.dev,
  });
}

async function side(bench: Bench, of: 'product' | 'bare', round: number): Promise<Side> {
  const { plan, lab, workspace, loader, reader, customers, barePort } = bench;
  const seconds = plan.actionSeconds;
  const loading = sendStandard(loader, workspace, {
    seed: (of === 'product' ? 120_000 : 130_000) + round,
    seconds: seconds + plan.warmSeconds + MARGIN_SECONDS,
    warmSeconds: MARGIN_SECONDS,
    port: lab.apiPort,
    triggersBefore: 0,
    rate: plan.halfLoad / BATCH,
  });
  await delay(MARGIN_SECONDS * 1_000);
  const path = of === 'product' ? '/api/v1/customers/' : '/profile/';
  const read = await reader.run({
    port: of === 'product' ? lab.apiPort : barePort,
    authorization: workspace.management,
    paths: customers.map((id) => path + id),
    bodies: 'standard',
    seed: 140_000 + round,
    batch: 1,
    connections: CONNECTIONS,
    seconds,
    warmSeconds: plan.warmSeconds,
    rate: plan.sizes.profilesPerSecond,
  });
  const load = await loading;
  await levelled(lab, workspace.workspaceId);
  return { read, load };
}

/** Everybody was answered, as often as was meant, while events came in. */
function read({ plan }: Bench, { read: reads, load }: Side): Oracle {
  const { profilesPerSecond } = plan.sizes;
  const wanted = Math.round(profilesPerSecond * (plan.actionSeconds + plan.warmSeconds));
  return allOf(
    equal('answers', reads.events, wanted),
    equal('refused', reads.failures + load.failures, 0),
  );
}

/** What is answered fast is what stands in the database. */
async function sameTraits({ lab, workspace, customers }: Bench): Promise<Oracle> {
  let same = 0;
  const compared = customers.slice(0, COMPARED);
  for (const id of compared) {
    const answer = await workspace.api.get(`/api/v1/customers/${id}`);
    const { rows } = await lab.admin.query<{ traits: Record<string, { readonly v: unknown }> }>(
      'select traits from customer where workspace_id = $1 and customer_id = $2',
      [workspace.workspaceId, id],
    );
    if (
      JSON.stringify(valuesOf(answer['traits'], 'value')) ===
      JSON.stringify(valuesOf(rows[0]?.traits, 'v'))
    )
      same += 1;
  }
  return equal('profiles as stored', same, compared.length);
}

/** Name and value of each trait that is shown as it is, by name. */
function valuesOf(traits: unknown, key: string): unknown[] {
  if (typeof traits !== 'object' || traits === null) return [];
  return Object.entries(traits)
    .filter(([name]) => !MASKED.has(name))
    .map(([name, trait]: [string, unknown]) => [name, valueOf(trait, key)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function valueOf(trait: unknown, key: string): unknown {
  return typeof trait === 'object' && trait !== null
    ? new Map(Object.entries(trait)).get(key)
    : null;
}
