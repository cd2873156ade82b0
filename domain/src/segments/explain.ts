import { traitValue } from '../profiles/index.js';
import { assertNever } from '../shared/index.js';
import { describeLeaf, instantText, literal, plural } from './describe.js';
import { isCount, totalOf } from './count-facts.js';
import type { Leaf } from './leaves.js';
import { leafHolds } from './read-leaf.js';
import { readingOf, type Reading } from './reading.js';
import { countWithin } from './rolling-window.js';
import type { CustomerFacts } from './types.js';

/** What a test asks, whether it holds, and what was found. */
export function explain(leaf: Leaf, view: CustomerFacts, now: number): string {
  const outcome = leafHolds(leaf, view, now) ? 'holds' : 'does not hold';
  return `${describeLeaf(leaf)}: ${outcome}, ${found(readingOf(leaf), view, now)}`;
}

function found(reading: Reading, view: CustomerFacts, now: number): string {
  switch (reading.kind) {
    case 'value':
      return foundTrait(reading.leaf.trait, view);
    case 'instant':
      return foundTrait(reading.trait, view);
    case 'segment':
      return view.segments.has(reading.segment) ? 'is in it' : 'is not in it';
    case 'total':
      return foundTotal(totalOf(view.facts[reading.key]));
    case 'window':
      return foundWithin(reading, view, now);
    case 'occurrence':
      return foundTime(view.facts[reading.key], reading.which);
    case 'absence':
      return foundOpenings(view.facts[reading.key]);
    default:
      return assertNever(reading);
  }
}

function foundTrait(name: string, { traits }: CustomerFacts): string {
  const value = traitValue(traits, name);
  return value === undefined ? 'the trait is not known' : `the trait is ${literal(value)}`;
}

function foundTotal(count: number): string {
  return count === 0 ? 'it never happened' : `it happened ${plural(count)}`;
}

/** Only as many times are kept as tests need: where all of those are in the window, there may be more. */
function foundWithin(
  reading: Extract<Reading, { readonly kind: 'window' }>,
  view: CustomerFacts,
  now: number,
): string {
  const state = view.facts[reading.key];
  if (totalOf(state) === 0) return 'it never happened';
  const count = countWithin(reading, view, now);
  if (count === 0) return 'it did not happen in that time';
  const kept = isCount(state) ? (state.t?.length ?? 0) : 0;
  const more = count === kept && totalOf(state) > kept ? 'at least ' : '';
  return `it happened ${more}${plural(count)} in that time`;
}

function foundTime(state: CustomerFacts['facts'][string] | undefined, which: 'f' | 'l'): string {
  const time = isCount(state) ? state[which] : undefined;
  if (time === undefined) return 'it never happened';
  return `that was at ${instantText(time)}`;
}

function foundOpenings(state: CustomerFacts['facts'][string] | undefined): string {
  if (typeof state !== 'object' || !('k' in state)) return 'neither ever happened';
  const open = Object.values(state.k).flatMap(({ a }) => a);
  if (open.length === 0) return 'nothing is waiting for an answer';
  return `without an answer since ${instantText(Math.min(...open))}`;
}
