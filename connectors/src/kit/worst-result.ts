/** One item may go out in several requests; what became of it is what became of the worst of them. */
import type { ItemResult } from './results.js';

/** Not knowing weighs most. What can be tried again is tried again before a failure of another part is final. */
const ORDER: readonly ItemResult['status'][] = [
  'unknown',
  'retry',
  'failed',
  'skipped',
  'delivered',
];

export function worstResult(one: ItemResult | undefined, other: ItemResult): ItemResult {
  if (one === undefined) return other;
  return ORDER.indexOf(other.status) < ORDER.indexOf(one.status) ? other : one;
}
