import {
  assertNever,
  atPath,
  canonicalJson,
  isJsonList,
  parseTime,
  type Json,
  type JsonObject,
} from '../shared/index.js';
import type { ClockOperator, FilterOperator, PropertyFilter, TraitOperator } from './types.js';

/**
 * The meaning of every operator, for traits and for properties of events. One rule for the odd cases, which every reader of a
 * condition obeys:
 * - `null` and missing are the same: missing. Only `notExists`, `notEquals` and `notIn` are true of a missing value.
 * - `notEquals` and `notIn` are the exact opposites of `equals` and `in`.
 * - Values of different JSON types are never equal (`1` is not `"1"`); lists and objects are equal when their content is.
 * - Every other operator is false of a value of a type that it isn't meant for: numbers for gt, gte, lt, lte; text for
 *   startsWith and endsWith; text or a list for contains; RFC 3339 text or ms since epoch for before and after.
 * - Text is compared as written: case counts.
 * The operators that look at the clock are read by clock-test.ts.
 */
export function testOperator(
  op: FilterOperator,
  actual: Json | undefined,
  expected: Json | undefined,
): boolean {
  switch (op) {
    case 'exists':
      return isPresent(actual);
    case 'notExists':
      return !isPresent(actual);
    case 'equals':
      return sameValue(actual, expected);
    case 'notEquals':
      return !sameValue(actual, expected);
    case 'in':
      return isOneOf(actual, expected);
    case 'notIn':
      return !isOneOf(actual, expected);
    case 'contains':
      return holds(actual, expected);
    case 'startsWith':
      return (
        typeof actual === 'string' && typeof expected === 'string' && actual.startsWith(expected)
      );
    case 'endsWith':
      return (
        typeof actual === 'string' && typeof expected === 'string' && actual.endsWith(expected)
      );
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return compares(op, actual, expected);
    case 'before':
    case 'after':
      return isOnSide(op, actual, expected);
    default:
      return assertNever(op);
  }
}

export function isClockOperator(op: TraitOperator): op is ClockOperator {
  return op === 'withinLast' || op === 'olderThan' || op === 'withinNext';
}

/** True when every filter holds; no filters hold of everything. */
export function matchesFilters(
  filters: readonly PropertyFilter[] | undefined,
  properties: JsonObject,
): boolean {
  if (filters === undefined) return true;
  for (const filter of filters) {
    if (!testOperator(filter.op, atPath(properties, filter.property), filter.value)) return false;
  }
  return true;
}

function isPresent(value: Json | undefined): value is Json {
  return value !== undefined && value !== null;
}

function sameValue(actual: Json | undefined, expected: Json | undefined): boolean {
  if (!isPresent(actual) || !isPresent(expected)) return false;
  if (actual === expected) return true;
  if (typeof actual !== 'object' || typeof expected !== 'object') return false;
  return canonicalJson(actual) === canonicalJson(expected);
}

function isOneOf(actual: Json | undefined, expected: Json | undefined): boolean {
  return isJsonList(expected) && expected.some((candidate) => sameValue(actual, candidate));
}

function holds(actual: Json | undefined, expected: Json | undefined): boolean {
  if (typeof actual === 'string') return typeof expected === 'string' && actual.includes(expected);
  return isJsonList(actual) && actual.some((item) => sameValue(item, expected));
}

function compares(
  op: 'gt' | 'gte' | 'lt' | 'lte',
  actual: Json | undefined,
  expected: Json | undefined,
): boolean {
  if (typeof actual !== 'number' || typeof expected !== 'number') return false;
  switch (op) {
    case 'gt':
      return actual > expected;
    case 'gte':
      return actual >= expected;
    case 'lt':
      return actual < expected;
    case 'lte':
      return actual <= expected;
    default:
      return assertNever(op);
  }
}

function isOnSide(
  op: 'before' | 'after',
  actual: Json | undefined,
  expected: Json | undefined,
): boolean {
  const left = parseTime(actual);
  const right = parseTime(expected);
  if (left === undefined || right === undefined) return false;
  return op === 'before' ? left < right : left > right;
}
