import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../shared/index.js';
import { isClockOperator, matchesFilters, testOperator } from './match-filters.js';
import type { FilterOperator } from './types.js';

const NOON = '2026-01-02T12:00:00Z';
const NOON_MS = 1_767_355_200_000;

describe('testOperator', () => {
  it.each<[FilterOperator, Json | undefined, Json | undefined, boolean]>([
    ['exists', 0, undefined, true],
    ['exists', '', undefined, true],
    ['exists', false, undefined, true],
    ['exists', null, undefined, false],
    ['exists', undefined, undefined, false],
    ['notExists', undefined, undefined, true],
    ['notExists', null, undefined, true],
    ['notExists', [], undefined, false],
    ['equals', 'pro', 'pro', true],
    ['equals', 'pro', 'Pro', false],
    ['equals', 1, '1', false],
    ['equals', 1, true, false],
    ['equals', { b: 1, a: [2] }, { a: [2], b: 1 }, true],
    ['equals', [1, 2], [2, 1], false],
    ['equals', undefined, 'pro', false],
    ['equals', null, null, false],
    ['equals', undefined, undefined, false],
    ['notEquals', 'free', 'pro', true],
    ['notEquals', 'pro', 'pro', false],
    ['notEquals', undefined, 'pro', true],
    ['notEquals', null, 'pro', true],
    ['in', 'a', ['a', 'b'], true],
    ['in', 'c', ['a', 'b'], false],
    ['in', undefined, ['a'], false],
    ['in', 'a', 'a', false],
    ['in', 'a', undefined, false],
    ['notIn', 'c', ['a', 'b'], true],
    ['notIn', 'a', ['a', 'b'], false],
    ['notIn', undefined, ['a'], true],
    ['contains', 'red shoes', 'shoe', true],
    ['contains', 'red shoes', 'Shoe', false],
    ['contains', ['red', 'blue'], 'red', true],
    ['contains', ['red', 'blue'], 're', false],
    ['contains', [1, 2], 2, true],
    ['contains', 12, 2, false],
    ['contains', '12', 2, false],
    ['contains', { a: 1 }, 'a', false],
    ['contains', undefined, 'a', false],
    ['startsWith', 'ada@example.com', 'ada', true],
    ['startsWith', 'ada', 'ada@', false],
    ['startsWith', 12, '1', false],
    ['startsWith', undefined, 'a', false],
    ['endsWith', 'ada@example.com', '.com', true],
    ['endsWith', ['a'], 'a', false],
    ['gt', 3, 2, true],
    ['gt', 2, 2, false],
    ['gte', 2, 2, true],
    ['lt', 1, 2, true],
    ['lt', 2, 2, false],
    ['lte', 2, 2, true],
    ['lte', 0, 0, true],
    ['gt', '3', 2, false],
    ['lt', '1', 2, false],
    ['lte', null, 0, false],
    ['lt', undefined, 5, false],
    ['gte', true, 0, false],
    ['gt', 3, '2', false],
    ['before', '2026-01-02T11:59:59.999Z', NOON, true],
    ['before', NOON, NOON, false],
    ['before', '2026-01-02T12:30:00+01:00', NOON, true],
    ['before', NOON_MS - 1, NOON, true],
    ['before', '2026-01-01', NOON_MS, true],
    ['after', NOON_MS + 1, NOON, true],
    ['after', NOON, NOON_MS, false],
    ['after', 'tomorrow', NOON, false],
    ['before', 'yesterday', NOON, false],
    ['before', undefined, NOON, false],
    ['after', [NOON], '2000-01-01', false],
    ['after', NOON, 'never', false],
  ])('%s of %j and %j is %s', (op, actual, expected, outcome) => {
    expect(testOperator(op, actual, expected)).toBe(outcome);
  });

  const anything = fc.oneof(
    fc.constant(undefined),
    fc.constantFrom<Json>(null, '', 'a', 0, 1, -0, true, false, NOON, NOON_MS),
    fc.array(fc.constantFrom<Json>('a', 1, null), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom<Json>('a', 1)),
  );

  it('makes opposites exact opposites, of any two values', () => {
    fc.assert(
      fc.property(anything, anything, (actual, expected) => {
        expect(testOperator('notEquals', actual, expected)).toBe(
          !testOperator('equals', actual, expected),
        );
        expect(testOperator('notIn', actual, expected)).toBe(!testOperator('in', actual, expected));
        expect(testOperator('notExists', actual, expected)).toBe(
          !testOperator('exists', actual, expected),
        );
      }),
    );
  });

  it('says nothing but no of a missing value, the three negations apart', () => {
    const op = fc.constantFrom<FilterOperator>(
      'exists',
      'equals',
      'in',
      'contains',
      'startsWith',
      'endsWith',
      'gt',
      'gte',
      'lt',
      'lte',
      'before',
      'after',
    );
    fc.assert(
      fc.property(op, fc.constantFrom(null, undefined), anything, (operator, missing, expected) => {
        expect(testOperator(operator, missing, expected)).toBe(false);
      }),
    );
  });
});

describe('matchesFilters', () => {
  const properties = { total: 50, cart: { items: [{ sku: 'a' }] }, note: null };

  it('holds of everything without filters', () => {
    expect(matchesFilters(undefined, properties)).toBe(true);
    expect(matchesFilters([], {})).toBe(true);
  });

  it.each<[string, FilterOperator, Json | undefined, boolean]>([
    ['total', 'gte', 50, true],
    ['total', 'gt', 50, false],
    ['cart.items.0.sku', 'equals', 'a', true],
    ['cart.items.1.sku', 'exists', undefined, false],
    ['note', 'notExists', undefined, true],
    ['constructor', 'exists', undefined, false],
    ['cart.__proto__', 'exists', undefined, false],
  ])('%s %s %j: %s', (property, op, value, outcome) => {
    const filter = value === undefined ? { property, op } : { property, op, value };
    expect(matchesFilters([filter], properties)).toBe(outcome);
  });

  it('wants all of them', () => {
    const yes = { property: 'total', op: 'gt', value: 1 } as const;
    const no = { property: 'total', op: 'lt', value: 1 } as const;
    expect(matchesFilters([yes, no], properties)).toBe(false);
    expect(matchesFilters([yes, yes], properties)).toBe(true);
  });
});

describe('isClockOperator', () => {
  it('tells what looks at the clock from what does not', () => {
    const operators = [
      'withinLast',
      'olderThan',
      'withinNext',
      'before',
      'after',
      'exists',
    ] as const;
    expect(operators.filter(isClockOperator)).toEqual(['withinLast', 'olderThan', 'withinNext']);
  });
});
