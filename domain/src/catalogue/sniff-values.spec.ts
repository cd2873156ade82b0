import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../shared/index.js';
import { conform } from './conform.js';
import { applyCast } from './cast.js';
import { isEmail, isWrittenPhone, lookOf } from './sniff-values.js';
import { STARTER_CATALOGUE } from './starter-catalogue.js';
import { arbitraryValue } from './testing/rows.js';
import type { AttributeType, Cast } from './types.js';

function look(type: AttributeType, ...values: readonly Json[]) {
  const role = { kind: 'trait', trait: 'x' } as const;
  return lookOf(values, { key: 'x', label: 'X', type, role, sensitivity: 'none' });
}

describe('lookOf', () => {
  it.each<[AttributeType, Json, readonly Cast[]]>([
    ['number', '1.5', []],
    ['number', '1,234.5', [{ cast: 'number', decimal: 'point' }]],
    ['number', '1.234,5', [{ cast: 'number', decimal: 'comma' }]],
    ['integer', '1.234.567', [{ cast: 'integer', decimal: 'comma' }]],
    ['date', '1990-02-01', []],
    ['date', '01.02.1990', [{ cast: 'date', format: 'dd.mm.yyyy' }]],
    ['date', '01-02-1990', [{ cast: 'date', format: 'dd-mm-yyyy' }]],
    ['time', '1990/02/01 10:00', [{ cast: 'time', format: 'yyyy/mm/dd' }]],
    ['list', '["a","b"]', [{ cast: 'json' }]],
    ['list', 'a|b,c', [{ cast: 'list', separator: '|' }]],
    ['list', ['a'], []],
    ['boolean', 'ja', []],
  ])('sees how %s %j is to be read', (type, value, casts) => {
    expect(look(type, value)).toEqual({ share: 1, casts, isDoubtful: false });
  });

  it('says which share of the values fits', () => {
    expect(look('email', 'a@x.test', 'none', 'b@x.test', 'c@x.test')?.share).toBe(0.75);
    expect(look('country', 'DE', 'Frankreich', 'Utopia', 'x')?.share).toBe(0.5);
    expect(look('phone', '+4930123456', '030 123456', 'x', 'y')?.share).toBe(0.5);
  });

  it('doubts what reads as well another way', () => {
    expect(look('number', '1,234', '2,500')).toMatchObject({ isDoubtful: true });
    expect(look('number', '1,234', '2,500.00')).toMatchObject({ isDoubtful: false });
    expect(look('date', '03/04/2026')).toMatchObject({ isDoubtful: true });
    expect(look('date', '03/04/2026', '31/04/2026', '30/04/2026')).toMatchObject({
      casts: [{ cast: 'date', format: 'dd/mm/yyyy' }],
      isDoubtful: false,
    });
  });

  it('takes no count and no price for an instant', () => {
    expect(look('time', 17, 250, 99999)?.share).toBe(0);
  });

  it('has nothing to say about text', () => {
    expect(look('text', 'a', 1, null)).toBeUndefined();
  });

  it('promises what casts and the attribute then keep', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryValue, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(
          ...STARTER_CATALOGUE.filter(({ type }) => type !== 'list' && type !== 'phone'),
        ),
        (values, attribute) => {
          const seen = lookOf(values, attribute);
          if (seen?.share !== 1) return;
          for (const value of values) {
            let read: Json | undefined = value;
            for (const cast of seen.casts) {
              const worked = applyCast(read, cast, 'UTC');
              expect(worked.ok).toBe(true);
              read = worked.ok ? (worked.value ?? null) : null;
            }
            expect(conform(read, attribute, { zone: 'UTC', country: undefined }).ok).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('what can hardly be anything else', () => {
  it('is an address with a domain, and a number with a country', () => {
    expect(isEmail('a@x.test')).toBe(true);
    expect(isEmail(5)).toBe(false);
    expect(isWrittenPhone('+49 30 123456')).toBe(true);
    expect(isWrittenPhone('0049 30 123456')).toBe(true);
    expect(isWrittenPhone('30123456')).toBe(false);
    expect(isWrittenPhone('+4711')).toBe(false);
  });
});
