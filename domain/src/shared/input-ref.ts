/** An input of the log: the row's position and the event's index inside the row. Total order of everything that happens in a lane. */
export interface InputRef {
  readonly position: number;
  readonly ordinal: number;
}

/** An input with the lane clock (ms since epoch) that its row carries. */
export interface StampedRef extends InputRef {
  readonly clock: number;
}

/** Negative when a comes before b. */
export function compareRefs(a: InputRef, b: InputRef): number {
  return a.position - b.position || a.ordinal - b.ordinal;
}
