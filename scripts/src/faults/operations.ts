/**
 * What somebody with Temporal's own tools can do to a run: terminate it, reset it, delete it. Done to runs that wait with their
 * mail behind them, and to runs whose webhook is being refused at that moment.
 */
import { Connection } from '@temporalio/client';
import {
  allEnded,
  allInPlace,
  enter,
  order,
  type CareOptions,
  type CareStage,
  type InCare,
} from './care.js';
import { cartOf } from './shoppers.js';
import { carryOut, type Operation } from './temporal-operation.js';

export interface Operated {
  readonly enrolmentId: string;
  readonly cart: string;
  readonly operation: Operation;
  readonly stage: CareStage;
}

export interface OperationsOptions extends CareOptions {
  readonly temporal: { readonly address: string; readonly namespace: string };
}

interface Candidate extends InCare {
  readonly operation: Operation;
}

const OPERATIONS: readonly Operation[] = ['terminate', 'reset', 'delete'];
const WAITING_EACH = 3;
const RETRYING_EACH = 2;

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
