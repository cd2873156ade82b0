/**
 * From an event to the connector's call, beside the least that Temporal itself takes for it: a start and one activity, a signal
 * and one activity, through a worker of its own on the same server in the same run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@throughline/scripts/failure';
import { allOf, makeFigure, type Figure } from '../figures.js';
import type { Child } from '../lab/child.js';
import { count, openWorkspace, publish, type Workspace } from '../lab/lab.js';
import { levelled } from '../lab/lane-watch.js';
import { onceEach, send, startActors, type Order } from '../lab/latency.js';
import { actSteps, journeyParts, putSink } from '../load/journey-definitions.js';
import type { ActionReport } from '../load/send-at-rate.js';
import { inTurns, roundTeller, type GroupContext } from './group.js';

/** Waits begin faster than they are woken: nobody times them. */
const PARK_PER_SECOND = 20;
/** After the last wait is written, its run still has to tell Temporal so. */
const PARKED_MS = 1_500;
const PARK_LIMIT_MS = 120_000;

interface Bench extends GroupContext {
  readonly workspace: Workspace;
  readonly latency: Child;
}

export async function eventToAction(context: GroupContext): Promise<Figure[]> {
  const { lab, report } = context;
  report({ kind: 'begin', task: 'A bare worker' });
  const actors = await startActors(lab);
  report({ kind: 'done', task: 'A bare worker', detail: 'polls' });
  try {
    const workspace = await openWorkspace(lab, 'actions');
    await putSink(workspace, actors.sinkPort);
    await furnish(workspace);
    await levelled(lab, workspace.workspaceId);
    const bench = { ...context, workspace, latency: actors.latency };
    await warmUp(bench);
    return [...(await newJourneys(bench)), ...(await wakeUps(bench))];
  } finally {
    await actors.stop();
  }
}

async function furnish(workspace: Workspace): Promise<void> {
  await publish(workspace, 'journeys', {
    ...journeyParts('act', 'Act'),
    start: 'act',
    steps: actSteps(),
  });
  await publish(workspace, 'journeys', {
    ...journeyParts('wait', 'Wait'),
    start: 'wait',
    steps: {
      wait: {
        kind: 'waitFor',
        branches: [{ id: 'now', on: { kind: 'event', event: 'Now', same: 'id' }, next: 'act' }],
        timeout: { after: { hours: 6 }, next: 'done' },
      },
      ...actSteps(),
    },
  });
}

/** The first few pay for code that is not compiled and connections that are not open; nobody counts them. */
async function warmUp(bench: Bench): Promise<void> {
  const few = { count: 10, rate: 10, until: 'arrived' } as const;
  await send(bench, { by: 'event', event: 'Act' }, { ...few, run: 'warm' });
  await send(bench, { by: 'start', workflow: 'bareStart' }, { ...few, run: 'warm-bare' });
}

function timedOrder({ plan }: Bench, run: string): Order {
  const { actionSeconds, actionsPerSecond: rate } = plan;
  return { run, rate, count: Math.max(4, Math.round(actionSeconds * rate)), until: 'arrived' };
}

async function newJourneys(bench: Bench): Promise<Figure[]> {
  const results = await inTurns(bench.plan.rounds, {
    product: (round) =>
      send(bench, { by: 'event', event: 'Act' }, timedOrder(bench, `act${round}`)),
    limit: (round) =>
      send(bench, { by: 'start', workflow: 'bareStart' }, timedOrder(bench, `start${round}`)),
    onRound: roundTeller(bench.report, 'event_to_action', bench.plan.rounds),
  });
  return figuresOf(bench, { name: 'event_to_action', limitIs: 'bare start + activity', results });
}

async function wakeUps(bench: Bench): Promise<Figure[]> {
  const results = await inTurns(bench.plan.rounds, {
    product: async (round) => {
      const order = timedOrder(bench, `wait${round}`);
      await parkProduct(bench, order);
      return send(bench, { by: 'event', event: 'Now' }, order);
    },
    limit: async (round) => {
      const order = timedOrder(bench, `signal${round}`);
      const parked = { ...order, rate: PARK_PER_SECOND, until: 'sent' } as const;
      await send(bench, { by: 'start', workflow: 'bareWait' }, parked);
      await delay(PARKED_MS);
      return send(bench, { by: 'signal' }, order);
    },
    onRound: roundTeller(bench.report, 'wakeup_to_action', bench.plan.rounds),
  });
  return figuresOf(bench, { name: 'wakeup_to_action', limitIs: 'bare signal + activity', results });
}

async function parkProduct(bench: Bench, order: Order): Promise<void> {
  const { lab, workspace } = bench;
  const parked = { ...order, rate: PARK_PER_SECOND, until: 'sent' } as const;
  await send(bench, { by: 'event', event: 'Wait' }, parked);
  const until = performance.now() + PARK_LIMIT_MS;
  for (;;) {
    const waiting = await count(
      lab,
      'select count(*) as n from wait where workspace_id = $1 and closed_at is null',
      [workspace.workspaceId],
    );
    if (waiting >= order.count) break;
    if (performance.now() > until) throw notParked(waiting, order.count);
    await delay(100);
  }
  await delay(PARKED_MS);
}

function notParked(waiting: number, wanted: number): Failure {
  return new Failure({
    code: 'not_ready',
    sentence: `Only ${waiting} of ${wanted} journeys came to their wait.`,
    command: 'npm run bench -- event_to_action --quick',
  });
}

interface Results {
  readonly name: string;
  readonly limitIs: string;
  readonly results: readonly { readonly product: ActionReport; readonly limit: ActionReport }[];
}

function figuresOf(bench: Bench, { name, limitIs, results }: Results): Figure[] {
  const oracle = allOf(
    ...results.flatMap(({ product, limit }) => [
      onceEach('actions', product),
      onceEach('bare', limit),
    ]),
  );
  const figure = (percentile: 'p50' | 'p99', goal: { ratioMax: number; max?: number }): Figure =>
    makeFigure({
      name: `${name}.${percentile}`,
      unit: 'ms',
      rounds: results.map(({ product, limit }) => ({
        product: product.latencyMs[percentile],
        limit: limit.latencyMs[percentile],
      })),
      limitIs,
      goal,
      oracle,
      dev: bench.lab.dev,
    });
  return [figure('p50', { ratioMax: 2 }), figure('p99', { ratioMax: 2, max: 1_000 })];
}
