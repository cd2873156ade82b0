/**
 * Who is who. Resolution alone, by batches in memory, beside union-find over the same identifiers; the same events through door
 * and lane, with everything that makes them durable; and linkage of rows that share no identifier.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { identifierKey, type IdentifierRef } from '@throughline/domain/identity';
import { linkRows, measureClusters, TableBuilder } from '@throughline/domain/identity/linkage';
import { allOf, equal, makeFigure, type Figure, type Oracle } from '../figures.js';
import { count, openWorkspace } from '../lab/lab.js';
import { levelled } from '../lab/lane-watch.js';
import { UnionFind } from '../limits/union-find.js';
import { BatchedIdentity } from '../load/batched-identity.js';
import { HttpConnection } from '../load/http-connection.js';
import { httpRequest } from '../load/http-request.js';
import {
  identityBody,
  identityEvents,
  isShared,
  refsOf,
  type IdentityEvent,
  type Mix,
} from '../load/identity-mix.js';
import { LINKAGE_COLUMNS, linkageRows } from '../load/linkage-rows.js';
import { inTurns, roundTeller, type GroupContext } from './group.js';

/** As a lane takes them. */
const EVENTS_A_BATCH = 1_000;
/** Three times what the pipeline is to do. */
const GOALS: Readonly<Record<Mix, number>> = { standard: 9_000, adversarial: 3_000 };
const EVENTS_A_REQUEST = 50;
const CONNECTIONS = 8;
/** Through the lane it takes longer by far. */
const LANE_SHARE = 0.2;
const LANE_LIMIT_MS = 1_200_000;
/** A linkage that is fast because it finds nothing is none. */
const LEAST_F1 = 0.9;

export async function identity(context: GroupContext): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const mix of ['standard', 'adversarial'] as const) {
    figures.push(await batched(context, mix));
    figures.push(await throughLane(context, mix));
  }
  return [...figures, await reconcile(context)];
}

interface Resolved {
  readonly eventsPerSecond: number;
  readonly customers: number;
}

async function batched({ plan, report, lab }: GroupContext, mix: Mix): Promise<Figure> {
  const name = `identity.batched.${mix}`;
  const refs = identityEvents(mix, plan.sizes.identityEvents).map(refsOf);
  const results = await inTurns(plan.rounds, {
    product: () => resolve(refs),
    limit: () => unite(refs),
    onRound: roundTeller(report, name, plan.rounds),
  });
  const expected = componentsOf(refs);
  return makeFigure({
    name,
    unit: 'events/s',
    rounds: results.map(({ product, limit }) => ({
      product: product.eventsPerSecond,
      limit: limit.eventsPerSecond,
    })),
    limitIs: 'union-find in memory (orientation)',
    goal: { min: GOALS[mix] },
    oracle: allOf(...results.map(({ product }) => equal('customers', product.customers, expected))),
    dev: lab.dev,
  });
}

async function resolve(refs: readonly (readonly IdentifierRef[])[]): Promise<Resolved> {
  await turn();
  const graph = new BatchedIdentity();
  const begin = performance.now();
  for (let from = 0; from < refs.length; from += EVENTS_A_BATCH)
    graph.apply(refs.slice(from, from + EVENTS_A_BATCH));
  return { eventsPerSecond: rateSince(begin, refs.length), customers: graph.size };
}

async function unite(refs: readonly (readonly IdentifierRef[])[]): Promise<Resolved> {
  await turn();
  const graph = new UnionFind();
  const begin = performance.now();
  for (const event of refs) graph.join(event.map(identifierKey));
  return { eventsPerSecond: rateSince(begin, refs.length), customers: graph.components };
}

/** Shared devices join nobody. */
function componentsOf(refs: readonly (readonly IdentifierRef[])[]): number {
  const graph = new UnionFind();
  for (const event of refs) graph.join(event.filter((ref) => !isShared(ref)).map(identifierKey));
  return graph.components;
}

function rateSince(begin: number, events: number): number {
  return (events / (performance.now() - begin)) * 1_000;
}

/** Once, from the first request to a lane that is level: what it costs to keep it. */
async function throughLane({ lab, plan, report }: GroupContext, mix: Mix): Promise<Figure> {
  const name = `identity.lane.${mix}`;
  report({ kind: 'note', text: `${name}: once` });
  const { workspaceId, authorization } = await openWorkspace(lab, `identity-${mix}`);
  const events = identityEvents(mix, Math.round(plan.sizes.identityEvents * LANE_SHARE));
  const begin = performance.now();
  const refused = await sendInOrder(events, { port: lab.apiPort, authorization });
  const { applied } = await levelled(lab, workspaceId, LANE_LIMIT_MS);
  const eventsPerSecond = rateSince(begin, events.length);
  const customers = await count(
    lab,
    'select count(*) as n from customer where workspace_id = $1 and merged_into is null',
    [workspaceId],
  );
  return makeFigure({
    name,
    unit: 'events/s',
    rounds: [{ product: eventsPerSecond, limit: null }],
    oracle: allOf(
      equal('refused', refused, 0),
      equal('applied', applied, events.length),
      equal('customers', customers, componentsOf(events.map(refsOf))),
    ),
    dev: lab.dev,
  });
}

/** Some requests are under way at once, so the lane may see them in another order: the customers are the same. */
async function sendInOrder(
  events: readonly IdentityEvent[],
  { port, authorization }: { readonly port: number; readonly authorization: string },
): Promise<number> {
  let next = 0;
  let refused = 0;
  const send = async (): Promise<void> => {
    const connection = await HttpConnection.open(port);
    while (next < events.length) {
      const from = next;
      next += EVENTS_A_REQUEST;
      const body = identityBody(events.slice(from, from + EVENTS_A_REQUEST), `i${from}`);
      const request = httpRequest({ path: '/v1/batch', authorization }, body);
      if ((await connection.send(request)) !== 200) refused += 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  return refused;
}

/** From rows to clusters, with training: other rows in each round. */
async function reconcile({ plan, report, lab }: GroupContext): Promise<Figure> {
  const tell = roundTeller(report, 'identity.reconcile', plan.rounds);
  const rounds: { readonly product: number; readonly limit: null }[] = [];
  const oracles: Oracle[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    tell(round);
    await turn();
    const rows = linkageRows(plan.sizes.reconcileRows, 1 + round);
    const begin = performance.now();
    const table = new TableBuilder(LINKAGE_COLUMNS);
    for (const { values } of rows) table.add(values);
    const { clusters } = linkRows(table.build());
    rounds.push({ product: (performance.now() - begin) / 1_000, limit: null });
    const { f1, precision, recall } = measureClusters(
      clusters,
      rows.map(({ person }) => person),
    );
    const measures = [precision, recall, f1].map((value) => value.toFixed(3)).join(' / ');
    oracles.push({
      held: f1 >= LEAST_F1,
      says: `${rows.length} rows, precision / recall / F1 ${measures}`,
    });
  }
  return makeFigure({
    name: 'identity.reconcile',
    unit: 's',
    rounds,
    goal: { max: 15 },
    oracle: allOf(...oracles),
    dev: lab.dev,
  });
}
