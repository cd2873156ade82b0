import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { filled, isFilled, optionalInput } from './inputs.js';

describe('an optional input', () => {
  const Input = z.object({ email: optionalInput(z.email()) });

  it('may be absent, and may be empty as templates leave it', () => {
    for (const input of [{}, { email: '' }, { email: 'a@b.example' }]) {
      expect(Input.parse(input)).toEqual(input);
    }
  });

  it('is checked as soon as it says something', () => {
    for (const email of ['a', ' ', null, 5]) {
      expect(Input.safeParse({ email }).success).toBe(false);
    }
  });

  it('can be described as JSON Schema for a form', () => {
    const schema = z.toJSONSchema(Input, { io: 'input' });
    expect(schema).toMatchObject({ type: 'object', properties: { email: {} } });
    expect(schema.required).toBeUndefined();
  });
});

describe('filled fields', () => {
  it('keep what says something, zero, false, null and lists included', () => {
    const fields = { zero: 0, no: false, nothing: null, list: [], text: 'x', inner: { a: 1 } };
    expect(filled({ ...fields, gone: undefined, empty: '', hollow: {} })).toEqual(fields);
  });

  it('are the same when filtered twice', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (fields) => {
        const once = filled(fields);
        expect(filled(once)).toEqual(once);
        expect(Object.values(once).every(isFilled)).toBe(true);
      }),
    );
  });
});
