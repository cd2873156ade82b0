import { assertNever, durationMs, isJsonObject, parseTime, type Json } from '../shared/index.js';
import { timesNeeded, windowOf } from './facts.js';
import type { EventCondition, EventWindow, TraitOperator } from './types.js';

/** What is wrong with the values of a test, in words for whoever wrote it; undefined: nothing. */
export interface Tested {
  readonly op: TraitOperator;
  readonly value?: Json;
}

export function valueProblem({ op, value }: Tested): string | undefined {
  switch (op) {
    case 'exists':
    case 'notExists':
      return value === undefined ? undefined : `${op} takes no value`;
    case 'in':
    case 'notIn':
      return Array.isArray(value) && value.length > 0 ? undefined : `${op} takes a list`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return typeof value === 'number' ? undefined : `${op} takes a number`;
    case 'startsWith':
    case 'endsWith':
      return typeof value === 'string' && value !== '' ? undefined : `${op} takes text`;
    case 'before':
    case 'after':
      return parseTime(value) === undefined ? `${op} takes ${A_TIME}` : undefined;
    case 'withinLast':
    case 'olderThan':
    case 'withinNext':
      return durationProblem(value, 0);
    case 'contains':
    case 'equals':
    case 'notEquals':
      return value === undefined || isJsonObject(value)
        ? `${op} takes a value or a list`
        : undefined;
    default:
      return assertNever(op);
  }
}

export const A_TIME = 'a time such as 2026-01-31T12:00:00Z, or ms since epoch';

/** Longer than anybody remembers, and short enough for a database to add to any time. */
const MAX_DAYS = 365_250;

export function durationProblem(value: unknown, leastMs: number): string | undefined {
  const ms = durationMs(value);
  if (ms === undefined)
    return 'not a duration such as P30D or { "days": 30 }; months and years have no fixed length';
  if (ms < leastMs) return 'longer than nothing';
  return ms > MAX_DAYS * 86_400_000 ? `at most ${MAX_DAYS} days` : undefined;
}

/** Ranges are looked at where their times stand. */
export function windowProblem(within: EventWindow): string | undefined {
  if (within === 'ever') return undefined;
  const isRange =
    typeof within === 'object' && ('between' in within || 'before' in within || 'after' in within);
  return isRange ? undefined : durationProblem(within, 1);
}

/** As many times stand in the state row of each customer as a rolling window counts up to. */
const MAX_TIMES = 1_000;

export function boundProblem(condition: EventCondition): string | undefined {
  if (windowOf(condition) === null || timesNeeded(condition.count) <= MAX_TIMES) return undefined;
  return `a rolling window counts to ${MAX_TIMES} at most`;
}
