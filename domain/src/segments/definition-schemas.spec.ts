import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { PropertyFilterSchema, SegmentDefinitionSchema } from './schemas.js';

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
