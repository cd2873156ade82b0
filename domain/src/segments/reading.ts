import { assertNever, durationMs, parseTime } from '../shared/index.js';
import type { AbsenceSpan } from './absence.js';
import type { ClockTest } from './clock-test.js';
import { factOf, windowOf } from './facts.js';
import type { Leaf } from './leaves.js';
import { isClockOperator } from './match-filters.js';
import type { RollingWindow } from './rolling-window.js';
import type {
  AbsenceCondition,
  CountBound,
  EventCondition,
  FilterOperator,
  OccurrenceCondition,
  TraitCondition,
} from './types.js';

/**
 * How a test is read from what is known of a customer. Worked out once for each test of a tree: keys are hashes over the filters,
 * and a test is asked about at every event.
 */
export type Reading =
  | { readonly kind: 'value'; readonly op: FilterOperator; readonly leaf: TraitCondition }
  | { readonly kind: 'instant'; readonly trait: string; readonly test: ClockTest }
  | { readonly kind: 'segment'; readonly segment: string }
  | { readonly kind: 'total'; readonly key: string; readonly bound: CountBound | undefined }
  | ({ readonly kind: 'window' } & RollingWindow)
  | {
      readonly kind: 'occurrence';
      readonly key: string;
      readonly which: 'f' | 'l';
      readonly test: ClockTest;
    }
  | { readonly kind: 'absence'; readonly key: string; readonly span: AbsenceSpan };

/** Where nothing else is said, somebody stays in an absence for so long after it became true. */
const DEFAULT_LIFE_MS = 90 * 86_400_000;

const READINGS = new WeakMap<Leaf, Reading>();

export function readingOf(leaf: Leaf): Reading {
  const known = READINGS.get(leaf);
  if (known !== undefined) return known;
  const reading = newReading(leaf);
  READINGS.set(leaf, reading);
  return reading;
}

function newReading(leaf: Leaf): Reading {
  if ('trait' in leaf) return traitReading(leaf);
  if ('segment' in leaf) return { kind: 'segment', segment: leaf.segment };
  const key = factOf(leaf)?.key ?? '';
  if ('event' in leaf) return countReading(leaf, key);
  if ('sequence' in leaf) return { kind: 'absence', key, span: spanOf(leaf) };
  return {
    kind: 'occurrence',
    key,
    which: 'firstEvent' in leaf ? 'f' : 'l',
    test: occurrenceTest(leaf),
  };
}

function traitReading(leaf: TraitCondition): Reading {
  const { op, trait, value } = leaf;
  return isClockOperator(op)
    ? { kind: 'instant', trait, test: { op, ms: lengthOf(value) } }
    : { kind: 'value', op, leaf };
}

function countReading(leaf: EventCondition, key: string): Reading {
  const windowMs = windowOf(leaf);
  const bound = leaf.count;
  return windowMs === null
    ? { kind: 'total', key, bound }
    : { kind: 'window', key, bound, windowMs };
}

function occurrenceTest({ op, value }: OccurrenceCondition): ClockTest {
  return {
    op,
    ms: op === 'before' || op === 'after' ? (parseTime(value) ?? NaN) : lengthOf(value),
  };
}

function spanOf({ sequence: [, awaited], for: life }: AbsenceCondition): AbsenceSpan {
  return {
    windowMs: lengthOf(awaited.within),
    lifeMs: life === undefined ? DEFAULT_LIFE_MS : lengthOf(life),
  };
}

/** What is no length (the schema refuses it) makes every comparison false. */
function lengthOf(value: unknown): number {
  return durationMs(value) ?? NaN;
}

/** Whether time alone can ever change the answer. */
export function dependsOnTime(leaf: Leaf): boolean {
  const reading = readingOf(leaf);
  switch (reading.kind) {
    case 'window':
    case 'absence':
    case 'instant':
      return true;
    case 'occurrence':
      return reading.test.op === 'olderThan' || reading.test.op === 'withinLast';
    case 'segment':
    case 'value':
    case 'total':
      return false;
    default:
      return assertNever(reading);
  }
}
