/** Which way a message takes, of those that its step names: the next one only where the ones before it have certainly sent nothing. */
import { nextRoute, type Trial } from '@throughline/domain/destinations';
import { appendInternal } from '../ingestion/append.js';
import { underCustomerLock } from '../journeys/customer-lock.js';
import type { EnginePool } from '../journeys/types.js';
import type { Queryable } from '../shared/index.js';
import { eventOf, HOP, type Origin } from './delivery-events.js';
import { guard, type Guarded } from './guards.js';
import type { DeliveryRequest, Ticket } from './types.js';
import { writeMove, type Tried } from './write-delivery.js';

export interface Found {
  readonly guarded: Guarded;
  readonly passed: readonly Tried[];
}

/** The first way, from the one that the row is on, by which the person can be reached at all; where there is none, the last word counts. */
export async function openWay(
  client: Queryable,
  request: DeliveryRequest,
  { subjectId, guarded: first }: { readonly subjectId: string; readonly guarded: Guarded },
): Promise<Found> {
  const passed: Tried[] = [];
  for (let guarded = first; ;) {
    const { decision, routes, route } = guarded;
    const next =
      decision.kind === 'skip'
        ? nextRoute(routes, route, { kind: 'skipped', reason: decision.reason })
        : null;
    const other = next === null ? null : await guard(client, request, { subjectId, route: next });
    if (decision.kind !== 'skip' || other === null) return { guarded, passed };
    passed.push(triedOf(guarded, decision.reason));
    guarded = other;
  }
}

export function triedOf(
  { routes, route, connection }: Pick<Guarded, 'routes' | 'route' | 'connection'>,
  reason: string,
): Tried {
  return { route, connection, channel: routes[route]?.channel ?? '', reason };
}

/**
 * The message goes another way, if there is one: by a transaction that only the attempt that holds the row can make. An attempt that may
 * have been made before never moves on, since what it may have sent is sent.
 */
export async function tryNextRoute(
  pool: EnginePool,
  ticket: Ticket,
  trial: Trial,
): Promise<boolean> {
  return underCustomerLock(pool, ticket.request, (client) => moveOn(client, ticket, trial));
}

export async function moveOn(client: Queryable, ticket: Ticket, trial: Trial): Promise<boolean> {
  const { request, attemptToken, routes, route, uncertain, connection } = ticket;
  const next = uncertain ? null : nextRoute(routes, route, trial);
  if (next === null) return false;
  const tried = triedOf({ routes, route, connection: connection.key }, wordOf(trial));
  const isMoved = await writeMove(client, { request, attemptToken }, { to: next, tried });
  if (isMoved && trial.kind === 'failed' && trial.deadAddress)
    await tellBounce(client, ticket, trial.code);
  return isMoved;
}

/** The message goes on, and the address is dead all the same. Last: it takes the append lock. */
async function tellBounce(client: Queryable, ticket: Ticket, code: string): Promise<void> {
  const { workspaceId, enrolmentId } = ticket.request;
  const { rows } = await client.query<Origin>(
    `select e.customer_id, clock_timestamp() as settled_at, ${HOP} as hop
       from enrolment e where e.workspace_id = $1 and e.enrolment_id = $2`,
    [workspaceId, enrolmentId],
  );
  const event = rows[0] && eventOf(ticket, { state: 'failed', code, deadAddress: true }, rows[0]);
  if (event !== undefined && event !== null) await appendInternal(client, workspaceId, [event]);
}

function wordOf(trial: Trial): string {
  if (trial.kind === 'skipped') return trial.reason;
  return trial.kind === 'failed' ? trial.code : trial.kind;
}
