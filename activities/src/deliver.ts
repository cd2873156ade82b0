/**
 * One attempt at one effect: reserve, make the message, take the row just before the call, call, settle. Whatever kills the
 * process in between leaves the ledger saying how far it came, and the next attempt goes on from there.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { runAction, type ConnectorDefinition, type ItemResult } from '@throughline/connectors/kit';
import { assertNever } from '@throughline/domain/shared';
import {
  beginSending,
  releaseDelivery,
  reserveDelivery,
  settleDelivery,
  tryNextRoute,
  type Settlement,
  type Ticket,
} from '@throughline/store/destinations';
import { classifyStoreError } from '@throughline/store/shared';
import {
  deliveryKey,
  type DeliverReport,
  type DeliverRequest,
} from '@throughline/workflows/contract';
import { tryAgain } from './activity-errors.js';
import { compose } from './compose.js';
import type { ActivityDependencies, ConnectionOwner } from './dependencies.js';
import { noteHealth } from './note-health.js';
import { runContextOf } from './run-context.js';

/** The lane catches up or alerts; nobody has to wake a run for it. */
const LANE_BEHIND_MS = 1_000;
/** How long an outcome is carried after a database that went away. Below the activity's own limit of 60 s. */
const SETTLE_FOR_MS = 30_000;
const SETTLE_EVERY_MS = 250;

/** By one way after another, where a step names several. Each of them is moved to once, so this comes to an end. */
export async function deliver(
  deps: ActivityDependencies,
  request: DeliverRequest,
  signal: AbortSignal,
): Promise<DeliverReport> {
  for (;;) {
    const report = await deliverOnce(deps, request, signal);
    if (report !== 'moved') return report;
  }
}

/** `moved`: this way has certainly sent nothing, and the row is on another one. */
type Passage = DeliverReport | 'moved';

async function deliverOnce(
  deps: ActivityDependencies,
  request: DeliverRequest,
  signal: AbortSignal,
): Promise<Passage> {
  const key = deliveryKey(request.enrolmentId, request.step, request.visit);
  const idempotencyOf = (connector: string) => deps.findConnector(connector)?.idempotency;
  const reservation = await reserveDelivery(deps.pool, { ...request, key }, idempotencyOf);
  switch (reservation.kind) {
    case 'settled':
    case 'moved':
      return reservation.kind;
    case 'blocked':
      return blocked(reservation.by);
    case 'ready':
      return attempt(deps, reservation.ticket, signal);
    default:
      return assertNever(reservation);
  }
}

function blocked(by: string): DeliverReport {
  if (by === 'lane_behind') throw tryAgain(by, LANE_BEHIND_MS);
  return 'blocked';
}

async function attempt(
  deps: ActivityDependencies,
  ticket: Ticket,
  signal: AbortSignal,
): Promise<Passage> {
  const connector = deps.findConnector(ticket.connection.connector);
  // The reservation has looked; a registry does not shrink while a process runs.
  if (connector === undefined) throw tryAgain('connector_missing');
  const settings = settingsOf(deps, ticket);
  const composed = await compose(deps, ticket);
  if ('settlement' in composed) {
    const { settlement } = composed;
    if (settlement.state === 'failed' && (await moved(deps, ticket, settlement))) return 'moved';
    await settleDelivery(deps.pool, ticket, settlement);
    return 'settled';
  }
  const go = await beginSending(deps.pool, ticket);
  switch (go.kind) {
    case 'settled':
    case 'moved':
      return go.kind;
    case 'blocked':
      return blocked(go.by);
    case 'lost':
      throw tryAgain('another_attempt', SETTLE_EVERY_MS);
    case 'go':
      return call(deps, { ticket, connector, settings, input: composed.input, signal });
    default:
      return assertNever(go);
  }
}

interface Call {
  readonly ticket: Ticket;
  readonly connector: ConnectorDefinition;
  readonly settings: unknown;
  readonly input: unknown;
  readonly signal: AbortSignal;
}

async function call(
  deps: ActivityDependencies,
  { ticket, connector, settings, input, signal }: Call,
): Promise<Passage> {
  const outcome = await runAction(
    connector,
    { action: ticket.action, settings, items: [{ key: ticket.request.key, input }] },
    runContextOf(deps, ownerOf(ticket), signal),
  );
  const [result] = outcome.results;
  await noteHealth(deps, ticket, outcome.attention ?? null, result?.status === 'delivered');
  // A connector that answers nothing for an item has not said that it did nothing.
  if (result === undefined)
    return settle(deps, ticket, { state: 'unknown', code: 'connector_defect' });
  return conclude(deps, ticket, result);
}

async function conclude(
  deps: ActivityDependencies,
  ticket: Ticket,
  result: ItemResult,
): Promise<Passage> {
  switch (result.status) {
    case 'delivered': {
      const { providerId, response } = result;
      return settle(deps, ticket, {
        state: 'accepted',
        ...(providerId === undefined ? {} : { providerId }),
        ...(response === undefined ? {} : { response }),
      });
    }
    case 'skipped':
      return settle(deps, ticket, {
        state: 'skipped',
        reason: 'missing_variable',
        detail: result.reason,
      });
    case 'failed':
      return giveUp(deps, ticket, {
        state: 'failed',
        code: result.code,
        ...(result.permanentAddress === true ? { deadAddress: true } : {}),
      });
    case 'unknown':
      return settle(deps, ticket, { state: 'unknown', code: result.code });
    case 'retry':
      // Where the answer got lost the row stays `sending`: the next attempt repeats under the same key.
      if (!isAmbiguous(result.code)) await releaseDelivery(deps.pool, ticket, result.code);
      throw tryAgain(result.code, result.afterMs);
    default:
      return assertNever(result);
  }
}

type Failure = Extract<Settlement, { state: 'failed' }>;

async function giveUp(
  deps: ActivityDependencies,
  ticket: Ticket,
  failure: Failure,
): Promise<Passage> {
  return (await moved(deps, ticket, failure)) ? 'moved' : settle(deps, ticket, failure);
}

/** A row that could not be moved stays `sending` and becomes `unknown`: rather no message than two. */
function moved(
  { pool }: ActivityDependencies,
  ticket: Ticket,
  { code, deadAddress = false }: Failure,
): Promise<boolean> {
  return tryNextRoute(pool, ticket, { kind: 'failed', code, deadAddress });
}

const AMBIGUOUS = ['outcome_unknown', 'response_unreadable', 'connector_defect'];

function isAmbiguous(code: string): boolean {
  return AMBIGUOUS.includes(code);
}

/** The effect is out: a database that restarts now must not make us forget it, so the outcome is written again and again. */
async function settle(
  deps: ActivityDependencies,
  ticket: Ticket,
  settlement: Settlement,
): Promise<DeliverReport> {
  const until = deps.context.now() + SETTLE_FOR_MS;
  for (;;) {
    try {
      await settleDelivery(deps.pool, ticket, settlement);
      return 'settled';
    } catch (error) {
      if (classifyStoreError(error) !== 'outage' || deps.context.now() > until) throw error;
      await delay(SETTLE_EVERY_MS);
    }
  }
}

function settingsOf(deps: ActivityDependencies, ticket: Ticket): unknown {
  const { settings, sealed } = ticket.connection;
  if (sealed === null) return settings;
  return { ...settings, ...deps.openSecret(sealed, ownerOf(ticket)) };
}

function ownerOf({ connection, request }: Ticket): ConnectionOwner {
  return { workspaceId: request.workspaceId, connectionKey: connection.key };
}
