import { compareRefs, type StampedRef } from '../shared/index.js';

/**
 * How far a run has read the log. A new wait looks back to here, so that what came before the wait was written is not missed, and
 * what an earlier wait has decided on is not used twice. An input is unseen when it stands behind the position and is stamped
 * later than the clock: a wait that ended by its deadline consumed everything stamped up to it, wherever that stands in the log.
 */
export interface Consumed {
  readonly position: number;
  readonly ordinal: number;
  /** ms on the lane's clock */
  readonly clock: number;
}

/**
 * At entry: up to the trigger itself. The clock lies before the trigger's own, because inputs that were appended with it carry
 * the same stamp: an order in the same request as its cart must be seen.
 */
export function consumedAtEntry(trigger: StampedRef): Consumed {
  return { position: trigger.position, ordinal: trigger.ordinal, clock: trigger.clock - 1 };
}

export function isUnseen(consumed: Consumed, ref: StampedRef): boolean {
  return compareRefs(ref, consumed) > 0 && ref.clock > consumed.clock;
}

/** A wait closed by an input, or by an operator when the lane stood at `ref`. */
export function consumedBy(
  consumed: Consumed,
  ref: { readonly position: number; readonly ordinal: number },
): Consumed {
  if (compareRefs(ref, consumed) <= 0) return consumed;
  return { ...consumed, position: ref.position, ordinal: ref.ordinal };
}

/** A wait or delay closed by its deadline. */
export function consumedUntil(consumed: Consumed, deadline: number): Consumed {
  return { ...consumed, clock: Math.max(consumed.clock, deadline) };
}
