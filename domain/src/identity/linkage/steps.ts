/**
 * Long work that can be interrupted: it stops every few milliseconds, and whoever runs it decides what happens in between. A
 * process that also answers others must not compute for seconds.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Without a pause, for whoever has nothing else to do. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Pairs between two stops. */
export const PAIRS_PER_STEP = 2_048;
