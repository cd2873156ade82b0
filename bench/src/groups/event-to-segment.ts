/**
 * From an event to the membership that it changes, seen from a connection of its own, while the lane is under half of its load;
 * beside the least that it takes by hand: commit and NOTIFY, then an upsert by whoever listens, under the same load.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { allOf, equal, makeFigure, type Figure, type Oracle } from '../figures.js';
import { numberIn, startChild, type Child } from '../lab/child.js';
import { BATCH, sendStandard } from '../lab/full-speed.js';
import { startGenerator, type Generator, type GeneratorResult } from '../lab/generator.js';
import { count, openWorkspace, publish, type Workspace } from '../lab/lab.js';
import { levelled } from '../lab/lane-watch.js';
import { onceEach, readActionReport } from '../lab/latency.js';
import { BARE_CUSTOMER } from '../limits/bare-customers.js';
import { BARE_MEMBERS } from '../limits/bare-follower.js';
import type { ActionReport } from '../load/send-at-rate.js';
import { standardSegments } from '../load/standard-definitions.js';
import { inTurns, roundTeller, type GroupContext } from './group.js';

const PROBE = 'Probe';
const SEGMENT = 'probed';
/** Before the first probe, so that it meets the load under way; after the last, until it is seen. */
const MARGIN_SECONDS = 1;

interface Bench extends GroupContext {
  readonly workspace: Workspace;
  readonly generator: Generator;
  readonly prober: Child;
  readonly barePort: number;
}

export async function eventToSegment(context: GroupContext): Promise<Figure[]> {
  const { lab } = context;
  const workspace = await openWorkspace(lab, 'event-to-segment');
  for (const segment of standardSegments()) await publish(workspace, 'segments', segment);
  await publish(workspace, 'segments', {
    key: SEGMENT,
    name: 'Probed',
    condition: { event: PROBE, count: { gte: 1 } },
  });
  await levelled(lab, workspace.workspaceId);
  await lab.admin.query(`
    ${BARE_MEMBERS}
    ${BARE_CUSTOMER}`);
  const children: { stop(): Promise<void> }[] = [];
  try {
    const generator = await startGenerator();
    children.push(generator);
    const prober = await startChild('membership', [lab.databaseUrl]);
    children.push(prober);
    const bare = await startChild('bare-segment', [lab.databaseUrl, PROBE]);
    children.push(bare);
    const barePort = numberIn(bare.ready, 'port');
    return await measure({ ...context, workspace, generator, prober, barePort });
  } finally {
    for (const child of children.reverse()) await child.stop();
    await lab.admin.query('drop table bare_input, bare_member, bare_customer');
  }
}

interface Side {
  readonly report: ActionReport;
  readonly load: GeneratorResult;
}

async function measure(bench: Bench): Promise<Figure[]> {
  const { plan, report, lab, workspace } = bench;
  const results = await inTurns(plan.rounds, {
    product: (round) => side(bench, 'product', round),
    limit: (round) => side(bench, 'bare', round),
    onRound: roundTeller(report, 'event_to_segment', plan.rounds),
  });
  const members = await count(
    lab,
    'select count(*) as n from segment_membership where workspace_id = $1 and segment_key = $2',
    [workspace.workspaceId, SEGMENT],
  );
  const sent = results.reduce((sum, { product }) => sum + product.report.sent, 0);
  const oracle = allOf(
    ...results.flatMap(({ product, limit }) => [
      onceEach('memberships seen', product.report),
      onceEach('bare', limit.report),
      keptUp(bench, product.load, limit.load),
    ]),
    equal('members', members, sent),
  );
  return figuresOf(bench, results, oracle);
}

function figuresOf(
  { lab, plan }: Bench,
  results: readonly { readonly product: Side; readonly limit: Side }[],
  oracle: Oracle,
): Figure[] {
  const figure = (percentile: 'p50' | 'p99', max: number): Figure =>
    makeFigure({
      name: `event_to_segment.${percentile}`,
      unit: 'ms',
      rounds: results.map(({ product, limit }) => ({
        product: product.report.latencyMs[percentile],
        limit: limit.report.latencyMs[percentile],
      })),
      limitIs: `commit + NOTIFY + upsert, both under ${plan.halfLoad} events/s`,
      goal: { max },
      oracle,
      dev: lab.dev,
    });
  return [figure('p50', 50), figure('p99', 500)];
}

/** A load that the door did not take would be no load. */
function keptUp({ plan }: Bench, ...loads: readonly GeneratorResult[]): Oracle {
  const seconds = loadSeconds(plan.actionSeconds);
  const refused = loads.reduce((sum, { failures }) => sum + failures, 0);
  const slowest = Math.min(...loads.map(({ events }) => events / seconds));
  return {
    held: refused === 0 && slowest > 0.9 * plan.halfLoad,
    says: `load ${slowest.toFixed(0)} events/s, ${refused} refused`,
  };
}

function loadSeconds(probing: number): number {
  return probing + 2 * MARGIN_SECONDS;
}

async function side(bench: Bench, of: 'product' | 'bare', round: number): Promise<Side> {
  const { plan, lab, workspace, generator, prober, barePort } = bench;
  const port = of === 'product' ? lab.apiPort : barePort;
  const loading = sendStandard(generator, workspace, {
    seed: (of === 'product' ? 40_000 : 50_000) + round,
    seconds: loadSeconds(plan.actionSeconds) - MARGIN_SECONDS,
    warmSeconds: MARGIN_SECONDS,
    port,
    triggersBefore: 0,
    rate: plan.halfLoad / BATCH,
  });
  await delay(MARGIN_SECONDS * 1_000);
  const answer = await prober.ask({
    of,
    port,
    authorization: workspace.authorization,
    workspaceId: workspace.workspaceId,
    segment: SEGMENT,
    change: 'entered',
    event: PROBE,
    run: `${of}${round}`,
    count: Math.max(4, Math.round(plan.actionSeconds * plan.actionsPerSecond)),
    rate: plan.actionsPerSecond,
  });
  const load = await loading;
  if (of === 'product') await levelled(lab, workspace.workspaceId);
  return { report: readActionReport(answer), load };
}
