import type { StampedRef } from '../shared/index.js';
import { isUnseen, type Consumed } from './consumed.js';
import { isRepeat } from './decide-exit.js';
import { stepAt } from './lookup.js';
import { matchWait } from './match-wait.js';
import { behaviourOf } from './steps/index.js';
import type { Happening, JourneyDefinition, Subscription, TriggerContext } from './types.js';

/** A repeat beyond this many leaves the deadline where it is, so that nobody waits for ever. */
export const MAX_RESTARTS = 100;

/** An open wait, as a row or in memory. */
export interface OpenWait {
  readonly step: string;
  readonly subscriptions: readonly Subscription[];
  readonly deadline: number | null;
  readonly restarts: number;
  /** the first match in log order; it decides, whatever comes later */
  readonly fired: Fired | null;
}

export interface Fired {
  readonly branch: string;
  readonly ref: StampedRef;
}

/** The enrolment that a wait belongs to. */
export interface Waiter {
  readonly definition: JourneyDefinition;
  readonly trigger: TriggerContext;
}

/**
 * What one happening does to an open wait: fires it, moves its deadline (restartOnRepeat), or nothing, which gives the very same
 * wait back. A happening stamped at the deadline still counts; one stamped later does not, however late anybody looks.
 */
export function watchWait(wait: OpenWait, happening: Happening, waiter: Waiter): OpenWait {
  if (wait.fired !== null || isPast(wait, happening.ref)) return wait;
  const branch = matchWait(wait.subscriptions, happening);
  if (branch !== null) return { ...wait, fired: { branch, ref: happening.ref } };
  return restarted(wait, happening, waiter);
}

/** A new wait's look back over what the lane has applied since `consumed`: in log order, up to the first match. */
export function lookBack(
  wait: OpenWait,
  happenings: readonly Happening[],
  waiter: Waiter & { readonly consumed: Consumed },
): OpenWait {
  return happenings
    .filter(({ ref }) => isUnseen(waiter.consumed, ref))
    .reduce((open, happening) => watchWait(open, happening, waiter), wait);
}

function isPast({ deadline }: OpenWait, { clock }: StampedRef): boolean {
  return deadline !== null && clock > deadline;
}

function restarted(
  wait: OpenWait,
  happening: Happening,
  { definition, trigger }: Waiter,
): OpenWait {
  const { deadline, restarts } = wait;
  if (deadline === null || wait.subscriptions.length === 0 || restarts >= MAX_RESTARTS) return wait;
  const step = behaviourOf(stepAt(definition, wait.step));
  if (step.mode !== 'waits' || step.restartMs === null) return wait;
  if (!isRepeat(definition, trigger, happening)) return wait;
  return {
    ...wait,
    deadline: Math.max(deadline, happening.ref.clock + step.restartMs),
    restarts: restarts + 1,
  };
}
