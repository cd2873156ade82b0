import { assertNever, compareRefs, type StampedRef } from '../shared/index.js';
import type { Fired } from './watch-wait.js';
import type { DeliveryOutcome, JourneyInput, OperatorRequest, RunState } from './types.js';

/** What the rows of an enrolment hold that its run has not been told yet. */
export interface Pending {
  /** written by the lane: the first exit that the customer met */
  readonly exit: { readonly reason: string; readonly ref: StampedRef } | null;
  /** of the current wait, if there is one */
  readonly wait: {
    readonly fired: Fired | null;
    readonly deadline: number | null;
    /** the lane's clock is later than the deadline */
    readonly passed: boolean;
  } | null;
  /**
   * Of the current delivery. `open`: not begun, or kept by a stop; `under_way`: an attempt may be at the provider, so that only
   * its outcome can be next.
   */
  readonly delivery:
    'open' | 'under_way' | { readonly outcome: DeliveryOutcome; readonly instant: number } | null;
  /** the oldest request of an operator without an answer */
  readonly request: { readonly request: OperatorRequest; readonly instant: number } | null;
  /** for the first step: the trigger's stamp */
  readonly enteredAt: number;
}

/**
 * Which of several things a run is told next, or null when there is nothing. They are taken in the order of the log, not of
 * arrival, so that a run that was down goes through the same as one that was not: a deadline before an exit is a timeout first, an
 * exit by the very input that a wait was for is an exit. Operators come after all that has happened already.
 */
export function chooseInput(state: RunState, pending: Pending): JourneyInput | null {
  switch (state.place.kind) {
    case 'ended':
      return null;
    case 'entering':
      return { kind: 'enter', instant: pending.enteredAt };
    case 'waiting':
      return whileWaiting(pending) ?? operatorInput(pending);
    case 'delivering':
      return whileDelivering(pending);
    case 'held':
      return exitInput(pending) ?? operatorInput(pending);
    default:
      return assertNever(state.place);
  }
}

function whileWaiting(pending: Pending): JourneyInput | null {
  const { exit, wait } = pending;
  const decided = wait === null ? null : decidedWait(wait);
  if (decided === null || (exit !== null && isBefore(exit.ref, wait))) return exitInput(pending);
  return decided;
}

function decidedWait({
  fired,
  deadline,
  passed,
}: NonNullable<Pending['wait']>): JourneyInput | null {
  if (fired !== null) return { kind: 'fired', branch: fired.branch, instant: fired.ref.clock };
  return passed && deadline !== null ? { kind: 'timeout', instant: deadline } : null;
}

function isBefore(exit: StampedRef, wait: Pending['wait']): boolean {
  if (wait?.fired) return compareRefs(exit, wait.fired.ref) <= 0;
  return wait?.deadline == null || exit.clock <= wait.deadline;
}

function whileDelivering(pending: Pending): JourneyInput | null {
  const { delivery, exit } = pending;
  if (delivery === 'under_way') return null;
  if (delivery === 'open' || delivery === null) return exitInput(pending) ?? operatorInput(pending);
  const { outcome, instant } = delivery;
  if (exit === null) return { kind: 'delivered', outcome, instant };
  return { kind: 'exit', reason: exit.reason, outcome, instant: Math.max(instant, exit.ref.clock) };
}

function exitInput({ exit }: Pending): JourneyInput | null {
  return exit === null ? null : { kind: 'exit', reason: exit.reason, instant: exit.ref.clock };
}

function operatorInput({ request }: Pending): JourneyInput | null {
  return request === null
    ? null
    : { kind: 'operator', request: request.request, instant: request.instant };
}
