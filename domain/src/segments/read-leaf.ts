import { traitValue } from '../profiles/index.js';
import { assertNever, parseTime } from '../shared/index.js';
import { absenceChanges, isAbsent } from './absence.js';
import { clockTestChanges, clockTestHolds, type ClockTest } from './clock-test.js';
import { isCount, totalOf } from './count-facts.js';
import { meetsBound } from './facts.js';
import type { Leaf } from './leaves.js';
import { testOperator } from './match-filters.js';
import { readingOf, type Reading } from './reading.js';
import { countWithin, windowChanges } from './rolling-window.js';
import type { CustomerFacts } from './types.js';

/** One test of a tree against what is known of a customer. */

/** Whether a test holds at an instant. */
export function leafHolds(leaf: Leaf, view: CustomerFacts, now: number): boolean {
  const reading = readingOf(leaf);
  switch (reading.kind) {
    case 'value':
      return testOperator(
        reading.op,
        traitValue(view.traits, reading.leaf.trait),
        reading.leaf.value,
      );
    case 'segment':
      return view.segments.has(reading.segment);
    case 'total':
      return meetsBound(totalOf(view.facts[reading.key]), reading.bound);
    case 'window':
      return meetsBound(countWithin(reading, view, now), reading.bound);
    case 'absence':
      return isAbsent(view.facts[reading.key], reading.span, now);
    case 'instant':
    case 'occurrence': {
      const time = timeOf(reading, view);
      return time !== undefined && clockTestHolds(reading.test, time, now);
    }
    default:
      return assertNever(reading);
  }
}

/** The first instant after `now` at which a test may give another answer by itself; Infinity if there is none. */
export function leafChanges(leaf: Leaf, view: CustomerFacts, now: number): number {
  const reading = readingOf(leaf);
  switch (reading.kind) {
    // A segment that is asked for and changes by itself is measured itself, and whoever asks for it after it.
    case 'segment':
    case 'value':
    case 'total':
      return Infinity;
    case 'window':
      return windowChanges(reading, view, now);
    case 'absence':
      return absenceChanges(view.facts[reading.key], reading.span, now);
    case 'instant':
    case 'occurrence': {
      const time = timeOf(reading, view);
      return time === undefined ? Infinity : clockTestChanges(reading.test, time, now);
    }
    default:
      return assertNever(reading);
  }
}

function timeOf(
  reading: Extract<Reading, { readonly test: ClockTest }>,
  { traits, facts }: CustomerFacts,
): number | undefined {
  if (reading.kind === 'instant') return parseTime(traitValue(traits, reading.trait));
  const state = facts[reading.key];
  return isCount(state) ? state[reading.which] : undefined;
}
