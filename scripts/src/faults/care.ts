/** People of the journey that mails, waits for an order and then tells the webhook: brought into place, and seen to their end. */
import { awaitReady } from '../readiness.js';
import { Failure } from '../failure.js';
import type { ShopClient } from './client.js';
import type { Database } from './database.js';
import { readDeliveries, readEnrolments, type EnrolmentRow } from './evidence.js';
import type { Receivers } from './receivers.js';
import { cartOf, signUp, userOf } from './shoppers.js';
import { EVENTS, JOURNEYS, STEPS } from './workspace.js';

export type CareStage = 'waiting' | 'retrying a delivery';

export interface CareOptions {
  readonly client: ShopClient;
  readonly database: Database;
  readonly receivers: Receivers;
  readonly giveUp: AbortSignal;
  readonly say: (line: string) => void;
}

export interface InCare {
  readonly id: string;
  readonly stage: CareStage;
}

const REACH_MS = 120_000;
const END_MS = 180_000;

export async function enter(options: CareOptions, { id, stage }: InCare): Promise<void> {
  const cart = cartOf(id);
  await signUp(options, id);
  await options.client.send(
    { userId: userOf(id), event: EVENTS.care, properties: { cart_id: cart }, cart },
    options.giveUp,
  );
  if (stage !== 'waiting') await order(options, id);
}

export async function order({ client, giveUp }: CareOptions, id: string): Promise<void> {
  const cart = cartOf(id);
  await client.send(
    { userId: userOf(id), event: EVENTS.order, properties: { cart_id: cart }, cart },
    giveUp,
  );
}

/** Waiting behind its mail, or refused at least twice. */
export function allInPlace(
  { database, receivers }: CareOptions,
  candidates: readonly InCare[],
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

export async function allEnded({ database }: CareOptions, ids: ReadonlySet<string>): Promise<void> {
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

export async function careEnrolments(database: Database): Promise<Map<string, EnrolmentRow>> {
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
