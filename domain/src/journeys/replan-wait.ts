import { stepAt } from './lookup.js';
import { behaviourOf } from './steps/index.js';
import type { Traits } from '../profiles/types.js';
import type { JourneyDefinition } from './types.js';
import type { OpenWait, Waiter } from './watch-wait.js';
import type { StampedRef } from '../shared/index.js';

/** The traits whose change moves an open wait at a step; none where it waits for a length of time or a happening. */
export function replanTraits(definition: JourneyDefinition, step: string): readonly string[] {
  const behaviour = behaviourOf(stepAt(definition, step));
  return behaviour.mode === 'waits' ? behaviour.plannedBy : [];
}

/**
 * What a change of the person's zone, or of the date that they wait for, does to an open wait. The lane makes the change and knows
 * in which order it came, so the lane moves the deadline, as it does for a repeat of the trigger: a change that comes with the
 * deadline or after it moves nothing, however late a worker looks. The wait is planned anew as if it began now, and the very same wait comes
 * back where nothing moved. `traits` are those after the change.
 */
export function replanWait(
  wait: OpenWait,
  { definition, traits }: Waiter & { readonly traits: Traits },
  ref: StampedRef,
): OpenWait {
  if (wait.fired !== null || wait.deadline === null || ref.clock >= wait.deadline) return wait;
  const behaviour = behaviourOf(stepAt(definition, wait.step));
  if (behaviour.mode !== 'waits' || behaviour.plannedBy.length === 0) return wait;
  const plan = behaviour.plan(
    { traits, segments: NONE },
    { definition, step: wait.step, instant: ref.clock },
  );
  if (plan.kind === 'branch') return { ...wait, fired: { branch: plan.branch, ref } };
  return plan.deadline === wait.deadline ? wait : { ...wait, deadline: plan.deadline };
}

const NONE: ReadonlySet<string> = new Set();
