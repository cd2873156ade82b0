import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { faultsOf } from '../shared/index.js';
import {
  CONDITION_LIMITS,
  ConditionSchema,
  PropertyFilterSchema,
  SegmentDefinitionSchema,
} from './schemas.js';
import { anyCondition } from './testing/arbitraries.js';

function faults(value: unknown) {
  const parsed = ConditionSchema.safeParse(value);
  return parsed.success ? [] : faultsOf(parsed.error);
}

function nested(depth: number): unknown {
  let condition: unknown = { segment: 'a' };
  for (let level = 1; level < depth; level++) condition = { not: condition };
  return condition;
}

describe('ConditionSchema', () => {
  it('takes every condition of the language unchanged', () => {
    fc.assert(
      fc.property(anyCondition, (condition) => {
        expect(ConditionSchema.parse(condition)).toEqual(condition);
      }),
    );
  });

  it.each<[string, unknown, string]>([
    ['no known shape', { colour: 'red' }, ''],
    ['not an object', 'vip', ''],
    ['nothing', null, ''],
    ['a list', [], ''],
    ['two shapes at once', { segment: 'a', trait: 'b', op: 'exists' }, ''],
    ['an unknown key', { segment: 'a', why: 1 }, ''],
    ['an unknown operator', { trait: 'plan', op: 'matches', value: 'x' }, 'op'],
    ['an empty list', { all: [] }, 'all'],
    ['equals without a value', { trait: 'plan', op: 'equals' }, 'value'],
    ['exists with a value', { trait: 'plan', op: 'exists', value: 1 }, 'value'],
    ['a comparison with text', { trait: 'age', op: 'gt', value: '3' }, 'value'],
    ['in without a list', { trait: 'plan', op: 'in', value: 'pro' }, 'value'],
    ['in with an empty list', { trait: 'plan', op: 'in', value: [] }, 'value'],
    ['startsWith with nothing', { trait: 'plan', op: 'startsWith', value: '' }, 'value'],
    ['before with no time', { trait: 'since', op: 'before', value: 'Tuesday' }, 'value'],
    ['null as a value', { trait: 'plan', op: 'equals', value: null }, 'value'],
    ['a NUL', { trait: 'a\u0000b', op: 'exists' }, 'trait'],
    ['half a character', { event: '\ud800' }, 'event'],
    ['a long name', { event: 'x'.repeat(256) }, 'event'],
    ['a bound without a bound', { event: 'Ordered', count: {} }, 'count'],
    ['a negative count', { event: 'Ordered', count: { gte: -1 } }, 'count.gte'],
    ['half a count', { event: 'Ordered', count: { gte: 1.5 } }, 'count.gte'],
    [
      'a window, which has nothing behind it yet',
      { event: 'Ordered', within: { days: 3 } },
      'within',
    ],
    [
      'a fault deep inside',
      { all: [{ segment: 'a' }, { not: { trait: 'x', op: 'gt' } }] },
      'all.1.not.value',
    ],
    [
      'a fault in a filter',
      { event: 'A', where: [{ property: 'x', op: 'lt', value: [] }] },
      'where.0.value',
    ],
  ])('refuses %s', (_label, value, path) => {
    expect(faults(value).map((fault) => fault.path)).toContain(path);
  });

  it('takes ten levels and refuses eleven', () => {
    expect(faults(nested(CONDITION_LIMITS.depth))).toEqual([]);
    expect(faults(nested(CONDITION_LIMITS.depth + 1))).toMatchObject([
      { message: 'deeper than 10 levels' },
    ]);
  });

  it('survives a tree that is a hundred thousand levels deep', () => {
    expect(faults(nested(100_000))).toHaveLength(1);
  });

  it('takes a hundred tests and refuses one more', () => {
    const any = (count: number) => ({
      any: Array.from({ length: count }, () => ({ segment: 'a' })),
    });
    expect(faults(any(100))).toEqual([]);
    expect(faults(any(101))).toMatchObject([{ message: 'more than 100 conditions' }]);
    expect(faults({ all: [any(60), any(40)] })).toEqual([]);
    expect(faults({ all: [any(60), any(41)] })).toMatchObject([
      { message: 'more than 100 conditions' },
    ]);
  });

  it('cannot be used to reach the prototype', () => {
    const hostile: unknown = JSON.parse('{"segment":"a","__proto__":{"admin":true}}');
    expect(faults(hostile).length).toBeGreaterThan(0);
    expect({}).not.toHaveProperty('admin');
  });
});

describe('SegmentDefinitionSchema', () => {
  const definition = { key: 'vip', name: 'VIP', condition: { segment: 'pro' } };

  it('takes a definition and refuses what it does not know', () => {
    expect(SegmentDefinitionSchema.parse(definition)).toEqual(definition);
    for (const change of [
      { key: 'Vip' },
      { key: '-vip' },
      { key: '' },
      { name: '' },
      { extra: 1 },
      { condition: {} },
    ]) {
      expect(SegmentDefinitionSchema.safeParse({ ...definition, ...change }).success).toBe(false);
    }
  });

  it('can be printed as JSON Schema, for the API description and forms', () => {
    for (const io of ['input', 'output'] as const) {
      const printed = z.toJSONSchema(SegmentDefinitionSchema, { io });
      expect(printed).toMatchObject({ type: 'object', required: ['key', 'name', 'condition'] });
    }
  });
});

describe('PropertyFilterSchema', () => {
  it('keeps the rules of values', () => {
    expect(PropertyFilterSchema.safeParse({ property: 'a.b', op: 'gt', value: 1 }).success).toBe(
      true,
    );
    expect(PropertyFilterSchema.safeParse({ property: 'a.b', op: 'gt' }).success).toBe(false);
    expect(PropertyFilterSchema.safeParse({ property: 'a', op: 'exists', extra: 1 }).success).toBe(
      false,
    );
  });
});
