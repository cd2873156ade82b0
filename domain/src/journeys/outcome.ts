/** How outcomes are written: `completed`, or `exited:<reason>`. */

/** The reason of an exit step that simply ends a journey. */
export const COMPLETED = 'completed';

const MAX_REASON = 100;

/** Reasons of operators are free text and end up in commands, so they are cut. */
export function outcomeOf(reason: string): string {
  if (reason === COMPLETED) return COMPLETED;
  return `exited:${Array.from(reason).slice(0, MAX_REASON).join('')}`;
}
