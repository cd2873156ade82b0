import { canonicalJson, hash128 } from '../shared/index.js';
import type { JourneyDefinition, RandomSplitStep } from './types.js';

/** What is drawn by lot: by a hash of the person, so that every retry, reset and edit draws the same. */

/** The outcome of those who are left out. */
export const HELD_OUT = 'holdout';

/**
 * The branch of a person: of every branch a number is drawn, and the lowest for its weight wins (rendezvous hashing). A new
 * branch, or a greater weight, takes over exactly those whose number for it is now the lowest; nobody else moves.
 */
export function drawBranch(
  branches: RandomSplitStep['branches'],
  { customerId, salt }: { readonly customerId: string; readonly salt: string },
): RandomSplitStep['branches'][number] | undefined {
  let lowest = Infinity;
  let drawn: RandomSplitStep['branches'][number] | undefined;
  for (const branch of branches) {
    if (branch.weight <= 0) continue;
    const score = -Math.log(fraction(['split', salt, customerId, branch.id])) / branch.weight;
    if (score >= lowest) continue;
    lowest = score;
    drawn = branch;
  }
  return drawn;
}

/** A greater share leaves out those of the smaller one, and more. */
export function isHeldOut(
  { key, holdout }: Pick<JourneyDefinition, 'key' | 'holdout'>,
  customerId: string,
): boolean {
  if (holdout === undefined) return false;
  return fraction(['holdout', holdout.salt ?? key, customerId]) * 100 <= holdout.percent;
}

/** Above 0, at most 1; 52 bits of the hash. */
function fraction(of: readonly string[]): number {
  return (Number.parseInt(hash128(canonicalJson(of)).slice(0, 13), 16) + 1) / 2 ** 52;
}
