/**
 * The ledger of effects: reserved, sending, and one of four ends. Effectively once, decided at the last moment: every guard is
 * asked when the effect is reserved and again in the transaction that commits just before the call.
 */
import { resolveObject } from '@throughline/domain/journeys';
import { nextRoute, type SendDecision } from '@throughline/domain/destinations';
import { assertNever } from '@throughline/domain/shared';
import { underCustomerLock } from '../journeys/customer-lock.js';
import type { EnginePool } from '../journeys/types.js';
import { newId, type Queryable } from '../shared/index.js';
import { guard, type Guarded } from './guards.js';
import { readMaterial, type Material } from './read-material.js';
import type { Content, DeliveryRequest, Go, IdempotencyOf, Reservation, Ticket } from './types.js';
import { moveOn, openWay, triedOf, type Found } from './ways.js';
import { writeMove, writeReservation, writeState } from './write-delivery.js';

export async function reserveDelivery(
  pool: EnginePool,
  request: DeliveryRequest,
  idempotencyOf: IdempotencyOf,
): Promise<Reservation> {
  return underCustomerLock(pool, request, async (client, subjectId) => {
    const found = await guard(client, request, { subjectId });
    if (found === null || isSettled(found.row.delivery_state)) return { kind: 'settled' };
    // One that may be out is settled or repeated where it is; only what never left may look for another way.
    const { guarded, passed } =
      found.row.delivery_state === 'sending'
        ? { guarded: found, passed: [] }
        : await openWay(client, request, { subjectId, guarded: found });
    const material = await readMaterial(client, request, guarded);
    const one = { request, guarded, passed, material, idempotencyOf };
    return guarded.row.delivery_state === 'sending' ? resume(client, one) : reserve(client, one);
  });
}

interface Case extends Found {
  readonly request: DeliveryRequest;
  readonly material: Material;
  readonly idempotencyOf: IdempotencyOf;
}

async function reserve(client: Queryable, one: Case): Promise<Reservation> {
  const { request, guarded, passed, material } = one;
  const { decision } = guarded;
  const row = { request, guarded, passed, connector: material.connection?.connector ?? '' };
  if (decision.kind === 'skip') {
    await writeReservation(client, row, { state: 'skipped', reason: decision.reason });
    return { kind: 'settled' };
  }
  const kept = keptBy(decision);
  if (kept !== null) {
    await writeReservation(client, row, { state: 'reserved', ...kept });
    return { kind: 'blocked', by: kept.blockedBy };
  }
  const ready = readyOf(one, false);
  if ('fault' in ready) return failedBefore(client, one, ready.fault);
  await writeReservation(client, row, { state: 'reserved', attemptToken: ready.attemptToken });
  return { kind: 'ready', ticket: ready };
}

/** A connection or a template that is not there has sent nothing, so the next way may. */
async function failedBefore(client: Queryable, one: Case, fault: string): Promise<Reservation> {
  const { request, guarded, passed, material } = one;
  const { routes, route } = guarded;
  const row = { request, guarded, passed, connector: material.connection?.connector ?? '' };
  const next = nextRoute(routes, route, { kind: 'failed', code: fault, deadAddress: false });
  if (next === null) {
    await writeReservation(client, row, { state: 'failed', reason: fault });
    return { kind: 'settled' };
  }
  const attemptToken = newId();
  await writeReservation(client, row, { state: 'reserved', attemptToken });
  await writeMove(client, { request, attemptToken }, { to: next, tried: triedOf(guarded, fault) });
  return { kind: 'moved' };
}

/** An earlier attempt went silent in the middle of the call. Only a provider that knows our key may be asked again. */
async function resume(client: Queryable, one: Case): Promise<Reservation> {
  const { request, guarded, passed, material, idempotencyOf } = one;
  const { decision } = guarded;
  const row = { request, guarded, passed, connector: material.connection?.connector ?? '' };
  const mayRepeat = idempotencyOf(row.connector) === 'key';
  const kept = keptBy(decision);
  if (mayRepeat && kept !== null) {
    await writeReservation(client, row, { state: 'sending', ...kept });
    return { kind: 'blocked', by: kept.blockedBy };
  }
  const ready =
    mayRepeat && decision.kind === 'send' ? readyOf(one, true) : { fault: 'interrupted' };
  if ('fault' in ready) {
    await writeReservation(client, row, { state: 'unknown', reason: 'interrupted' });
    return { kind: 'settled' };
  }
  await writeReservation(client, row, { state: 'sending', attemptToken: ready.attemptToken });
  return { kind: 'ready', ticket: ready };
}

/** Just before the call. The address is the one that the message was made for. */
export async function beginSending(pool: EnginePool, ticket: Ticket): Promise<Go> {
  const { request, attemptToken, address } = ticket;
  return underCustomerLock(pool, request, async (client, subjectId): Promise<Go> => {
    const guarded = await guard(client, request, { subjectId, address });
    if (guarded === null || isSettled(guarded.row.delivery_state)) return { kind: 'settled' };
    const { row, decision } = guarded;
    if (row.delivery_token !== attemptToken) return { kind: 'lost' };
    const write = { request, attemptToken };
    if (decision.kind === 'send') {
      await writeState(client, write, { state: 'sending' });
      return { kind: 'go' };
    }
    if (decision.kind === 'skip') {
      const trial = { kind: 'skipped', reason: decision.reason } as const;
      if (await moveOn(client, ticket, trial)) return { kind: 'moved' };
      await writeState(
        client,
        write,
        ticket.uncertain
          ? { state: 'unknown', reason: 'interrupted' }
          : { state: 'skipped', reason: decision.reason },
      );
      return { kind: 'settled' };
    }
    const kept = keptBy(decision);
    await writeState(client, write, { state: row.delivery_state ?? 'reserved', ...kept });
    return { kind: 'blocked', by: kept.blockedBy };
  });
}

interface Kept {
  readonly blockedBy: string;
  readonly blockedUntil?: number;
}

/** How a row says that it is kept, and until when if that is known. */
function keptBy(decision: Extract<SendDecision, { kind: 'block' | 'wait' }>): Kept;
function keptBy(decision: SendDecision): Kept | null;
function keptBy(decision: SendDecision): Kept | null {
  switch (decision.kind) {
    case 'block':
      return { blockedBy: decision.by };
    case 'wait':
      return { blockedBy: decision.for, blockedUntil: decision.until };
    case 'send':
    case 'skip':
      return null;
    default:
      return assertNever(decision);
  }
}

/** A definite, retryable refusal: nothing happened, so the next attempt is free to decide anew. */
export async function releaseDelivery(
  pool: EnginePool,
  ticket: Ticket,
  code: string,
): Promise<void> {
  if (ticket.uncertain) return;
  const { request, attemptToken } = ticket;
  await underCustomerLock(pool, request, (client) =>
    writeState(client, { request, attemptToken }, { state: 'reserved', detail: code }),
  );
}

function isSettled(state: string | null): boolean {
  return state !== null && state !== 'reserved' && state !== 'sending';
}

type Fault = { readonly fault: string };

function readyOf(
  { request, guarded, material, idempotencyOf }: Case,
  uncertain: boolean,
): Ticket | Fault {
  const { row, definition, step, routes, route, channel, purpose, address } = guarded;
  const { connection } = material;
  if (connection === null) return { fault: 'connection_missing' };
  if (idempotencyOf(connection.connector) === undefined) return { fault: 'connector_missing' };
  const content = contentOf(guarded, material);
  if (content === null) return { fault: 'template_missing' };
  return {
    request,
    attemptToken: newId(),
    customerId: row.customer_id,
    journey: { key: row.journey_key, version: row.version, name: definition.name },
    channel,
    route,
    routes,
    purpose,
    address,
    connection,
    action: actionOf(row, step),
    content,
    traits: row.traits,
    trigger: row.trigger,
    uncertain,
  };
}

/** A message goes out by the action that the machine chose for its channel; the command has it. */
function actionOf(row: Guarded['row'], step: Guarded['step']): string {
  return step.kind === 'sendToDestination' ? step.action : (row.command_action ?? 'send');
}

function contentOf({ step, row }: Guarded, { template }: Material): Content | null {
  if (step.kind === 'sendToDestination') {
    return {
      kind: 'input',
      input: resolveObject(step.input, { trigger: row.trigger, traits: row.traits }),
    };
  }
  if (template === null) return null;
  const { coupon } = step;
  if (coupon === undefined) return { kind: 'template', body: template };
  const { pool, whenEmpty = 'skip' } = coupon;
  return { kind: 'template', body: { ...template, coupon: { pool, whenEmpty } } };
}
