/**
 * What somebody with Temporal's own tools can do to a run: terminate it, reset it, delete it. Done to runs that wait with their
 * mail behind them, and to runs whose webhook is being refused at that moment.
 */
import { Connection } from '@temporalio/client';
import { awaitReady } from '../readiness.js';
import { Failure } from '../failure.js';
import type { ShopClient } from './client.js';
import type { Database } from './database.js';
import { readDeliveries, readEnrolments, type EnrolmentRow } from './evidence.js';
import type { Receivers } from './receivers.js';
import { cartOf, signUp, userOf } from './shoppers.js';
import { carryOut, type Operation } from './temporal-operation.js';
import { EVENTS, JOURNEYS, STEPS } from './workspace.js';

export type OperatedStage = 'waiting' | 'retrying a delivery';

export interface Operated {
  readonly enrolmentId: string;
  readonly cart: string;
  readonly operation: Operation;
  readonly stage: OperatedStage;
}

export interface OperationsOptions {
  readonly client: ShopClient;
  readonly database: Database;
  readonly receivers: Receivers;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly giveUp: AbortSignal;
  readonly say: (line: string) => void;
}

interface Candidate {
  readonly id: string;
  readonly operation: Operation;
  readonly stage: OperatedStage;
}

const OPERATIONS: readonly Operation[] = ['terminate', 'reset', 'delete'];
const WAITING_EACH = 3;
const RETRYING_EACH = 2;
const REACH_MS = 120_000;
const END_MS = 180_000;

/** Resolves when every enrolment concerned has ended or is held, or when the time is over; the oracle says which. */
export async function operate(options: OperationsOptions): Promise<Operated[]> {
  const candidates = cast();
  for (const { id, stage } of candidates)
    if (stage !== 'waiting') options.receivers.hold(cartOf(id));
  await Promise.all(candidates.map((one) => enter(options, one)));
  const enrolments = await allInPlace(options, candidates);
  const connection = await Connection.connect({ address: options.temporal.address });
  const operated: Operated[] = [];
  try {
    for (const one of candidates) {
      const enrolment = enrolments.get(cartOf(one.id));
      if (enrolment === undefined) continue;
      await carryOut(connection, options.temporal.namespace, { ...one, enrolment });
      const { enrolmentId, cart } = enrolment;
      operated.push({ enrolmentId, cart, operation: one.operation, stage: one.stage });
    }
  } finally {
    await connection.close();
  }
  options.say(
    `${operated.length} runs terminated, reset or deleted in Temporal; now they have to go on`,
  );
  for (const { id } of candidates) options.receivers.release(cartOf(id));
  // Whoever waits is sent on by an order, which only a living run can follow.
  await Promise.all(
    candidates.filter(({ stage }) => stage === 'waiting').map(({ id }) => order(options, id)),
  );
  await allEnded(options, new Set(operated.map(({ enrolmentId }) => enrolmentId)));
  options.say('each of those runs has ended or is held');
  return operated;
}

function cast(): Candidate[] {
  return OPERATIONS.flatMap((operation) => [
    ...Array.from({ length: WAITING_EACH }, (_, n) => ({
      id: `${operation}-w${n}`,
      operation,
      stage: 'waiting' as const,
    })),
    ...Array.from({ length: RETRYING_EACH }, (_, n) => ({
      id: `${operation}-r${n}`,
      operation,
      stage: 'retrying a delivery' as const,
    })),
  ]);
}

async function enter(options: OperationsOptions, { id, stage }: Candidate): Promise<void> {
  const cart = cartOf(id);
  await signUp(options, id);
  await options.client.send(
    { userId: userOf(id), event: EVENTS.care, properties: { cart_id: cart }, cart },
    options.giveUp,
  );
  if (stage !== 'waiting') await order(options, id);
}

async function order({ client, giveUp }: OperationsOptions, id: string): Promise<void> {
  const cart = cartOf(id);
  await client.send(
    { userId: userOf(id), event: EVENTS.order, properties: { cart_id: cart }, cart },
    giveUp,
  );
}

/** Waiting behind its mail, or refused at least twice. */
function allInPlace(
  { database, receivers }: OperationsOptions,
  candidates: readonly Candidate[],
): Promise<Map<string, EnrolmentRow>> {
  return until('the runs to operate on are in place', REACH_MS, async () => {
    const enrolments = await careEnrolments(database);
    const mailed = new Set(
      (await readDeliveries(database))
        .filter(
          ({ step, state }) => step === STEPS.careMail && ['accepted', 'unknown'].includes(state),
        )
        .map(({ enrolmentId }) => enrolmentId),
    );
    const missing = candidates.filter(({ id, stage }) => {
      const one = enrolments.get(cartOf(id));
      if (one === undefined || !mailed.has(one.enrolmentId)) return true;
      return stage === 'waiting' ? one.deadline === null : receivers.offersTo(cartOf(id)) < 2;
    });
    return missing.length === 0 ? enrolments : missing.map(({ id }) => id).join(', ');
  });
}

async function allEnded({ database }: OperationsOptions, ids: ReadonlySet<string>): Promise<void> {
  await until('the runs go on', END_MS, async () => {
    const open = [...(await careEnrolments(database)).values()].filter(
      ({ enrolmentId, state }) => ids.has(enrolmentId) && state === 'active',
    );
    return open.length === 0 ? true : open.map(({ cart }) => cart).join(', ');
  }).catch((error: unknown) => {
    // The oracle names those that did not.
    if (!(error instanceof Failure)) throw error;
  });
}

async function careEnrolments(database: Database): Promise<Map<string, EnrolmentRow>> {
  const rows = (await readEnrolments(database)).filter(({ journey }) => journey === JOURNEYS.care);
  return new Map(rows.map((one) => [one.cart, one]));
}

/** The answer of `look`, unless it is text: that says what is still missing. */
function until<T>(what: string, deadlineMs: number, look: () => Promise<T | string>): Promise<T> {
  return awaitReady({ what, deadlineMs, everyMs: 300 }, async () => {
    const answer = await look();
    if (typeof answer !== 'string') return answer;
    throw new Failure({
      code: 'not_ready',
      sentence: `not yet: ${answer}`,
      command: 'npm run test:faults',
    });
  });
}
