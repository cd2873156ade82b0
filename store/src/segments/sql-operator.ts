import type { TraitOperator } from '@throughline/domain/segments';
import {
  assertNever,
  durationMs,
  isJsonList,
  parseTime,
  type Json,
} from '@throughline/domain/shared';
import type { SqlParameters } from './sql-parameters.js';
import { millisSql } from './sql-time.js';

export interface SqlTest {
  readonly op: TraitOperator;
  /** an expression over jsonb, null where the value is missing */
  readonly actual: string;
  readonly expected: Json | undefined;
}

export interface SqlScope {
  readonly parameters: SqlParameters;
  /** ms since epoch */
  readonly now: number;
}

/**
 * domain/segments testOperator, as a predicate that is true exactly when that is, and never fails whatever stands in the value:
 * jsonb is compared as jsonb, because a cast raises on the first person with text where a number was expected.
 * It may be null where it is not true; whoever negates must say `is not true`.
 */
export function testSql(test: SqlTest, scope: SqlScope): string {
  const { op, actual } = test;
  switch (op) {
    case 'exists':
      return `${actual} is not null`;
    case 'notExists':
      return `${actual} is null`;
    case 'equals':
      return equalsSql(test, scope);
    case 'notEquals':
      return `(${equalsSql(test, scope)}) is not true`;
    case 'in':
      return oneOfSql(test, scope);
    case 'notIn':
      return `(${oneOfSql(test, scope)}) is not true`;
    case 'contains':
      return containsSql(test, scope);
    case 'startsWith':
    case 'endsWith':
      return affixSql(test, scope);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return comparesSql({ ...test, op }, scope);
    case 'before':
    case 'after':
      return onSideSql({ ...test, op }, scope);
    case 'withinLast':
    case 'olderThan':
    case 'withinNext':
      return nearSql({ ...test, op }, scope);
    default:
      return assertNever(op);
  }
}

/** False, and reads what was bound already: a statement with a parameter that nobody uses is refused. */
function never(actual: string): string {
  return `(${actual} is null and false)`;
}

function isPresent(value: Json | undefined): value is Json {
  return value !== undefined && value !== null;
}

function equalsSql({ actual, expected }: SqlTest, { parameters }: SqlScope): string {
  if (!isPresent(expected)) return never(actual);
  return `${actual} = ${parameters.bind(JSON.stringify(expected), 'jsonb')}`;
}

function oneOfSql({ actual, expected }: SqlTest, { parameters }: SqlScope): string {
  if (!isJsonList(expected)) return never(actual);
  const candidates = expected.filter(isPresent).map((candidate) => JSON.stringify(candidate));
  return `${actual} = any(${parameters.bind(candidates, 'jsonb[]')})`;
}

/** `@>` of a list and a scalar looks at whole items only; of two lists it would look inside, so those are compared one by one. */
function containsSql({ actual, expected }: SqlTest, { parameters }: SqlScope): string {
  if (!isPresent(expected)) return never(actual);
  const item = parameters.bind(JSON.stringify(expected), 'jsonb');
  const held =
    typeof expected === 'object'
      ? `exists (select from jsonb_array_elements(${actual}) as item(value) where item.value = ${item})`
      : `${actual} @> ${item}`;
  const inText =
    typeof expected === 'string'
      ? `strpos(${actual} #>> '{}', ${parameters.bind(expected, 'text')}) > 0`
      : 'false';
  return `case jsonb_typeof(${actual}) when 'string' then ${inText} when 'array' then ${held} end`;
}

function affixSql({ op, actual, expected }: SqlTest, { parameters }: SqlScope): string {
  if (typeof expected !== 'string') return never(actual);
  const affix = parameters.bind(expected, 'text');
  const text = `(${actual} #>> '{}')`;
  const matches =
    op === 'startsWith'
      ? `starts_with(${text}, ${affix})`
      : `right(${text}, length(${affix})) = ${affix}`;
  return `(jsonb_typeof(${actual}) = 'string' and ${matches})`;
}

const SIGNS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** jsonb compares two numbers as numbers, exactly. */
function comparesSql(
  { op, actual, expected }: SqlTest & { readonly op: keyof typeof SIGNS },
  { parameters }: SqlScope,
): string {
  if (typeof expected !== 'number') return never(actual);
  const bound = parameters.bind(JSON.stringify(expected), 'jsonb');
  return `(jsonb_typeof(${actual}) = 'number' and ${actual} ${SIGNS[op]} ${bound})`;
}

function onSideSql(
  { op, actual, expected }: SqlTest & { readonly op: 'before' | 'after' },
  { parameters }: SqlScope,
): string {
  const instant = parseTime(expected);
  if (instant === undefined) return never(actual);
  return `instant_ms(${actual}) ${op === 'before' ? '<' : '>'} ${millisSql(instant, parameters)}`;
}

/** Windows are open at the end where they began: exactly a window ago is no longer within it. */
function nearSql(
  { op, actual, expected }: SqlTest & { readonly op: 'withinLast' | 'olderThan' | 'withinNext' },
  { parameters, now }: SqlScope,
): string {
  const window = durationMs(expected);
  if (window === undefined) return never(actual);
  const at = `instant_ms(${actual})`;
  switch (op) {
    case 'withinLast':
      return `${at} > ${millisSql(now - window, parameters)}`;
    case 'olderThan':
      return `${at} <= ${millisSql(now - window, parameters)}`;
    case 'withinNext':
      // A range, so that the instant is read once.
      return `${at} <@ int8range(${millisSql(now, parameters)}, ${millisSql(now + window, parameters)})`;
    default:
      return assertNever(op);
  }
}
