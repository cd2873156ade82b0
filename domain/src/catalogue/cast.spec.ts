import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../shared/index.js';
import { applyCast } from './cast.js';
import { arbitraryValue } from './testing/rows.js';
import type { MappingCode } from './mapping-code.js';
import type { Cast } from './types.js';

const JSON_CAST: Cast = { cast: 'json' };
const WORDS: Cast = { cast: 'words', words: { M: 'male', f: 'female', '0': null, constructor: 1 } };
const ITEMS: Cast = {
  cast: 'items',
  pick: {
    sku: { path: 'article.no', casts: [{ cast: 'text' }] },
    price: { path: 'price', casts: [{ cast: 'number', decimal: 'comma' }] },
  },
};

describe('applyCast', () => {
  it.each<[Cast, Json, Json | undefined]>([
    [{ cast: 'text' }, 12.5, '12.5'],
    [{ cast: 'text' }, false, 'false'],
    [{ cast: 'number', decimal: 'comma' }, '3,5', 3.5],
    [{ cast: 'integer' }, '3', 3],
    [{ cast: 'boolean' }, 'Ja', true],
    [{ cast: 'date', format: 'dd.mm.yyyy' }, '3.4.2026', '2026-04-03'],
    [{ cast: 'date' }, '2026-04-03', '2026-04-03'],
    [{ cast: 'time', zone: 'Asia/Tokyo' }, '2026-04-03 09:00', '2026-04-03T00:00:00.000Z'],
    [{ cast: 'time' }, '2026-04-03 09:00', '2026-04-03T07:00:00.000Z'],
    [JSON_CAST, '{"a":[1]}', { a: [1] }],
    [JSON_CAST, { a: 1 }, { a: 1 }],
    [{ cast: 'list' }, 'a, b,,c ', ['a', 'b', 'c']],
    [{ cast: 'list', separator: '|' }, 'a,b|c', ['a,b', 'c']],
    [{ cast: 'list' }, [1], [1]],
    [{ cast: 'part', separator: '/', index: -1 }, 'gid://shopify/Order/42', '42'],
    [{ cast: 'part', separator: ' ', index: 0 }, 'Ada Lovelace', 'Ada'],
    [{ cast: 'part', separator: ' ', index: 5 }, 'Ada', undefined],
    [WORDS, 'M', 'male'],
    [WORDS, ' F ', 'female'],
    [WORDS, 0, undefined],
    [WORDS, 'constructor', 1],
    [ITEMS, [{ article: { no: 7 }, price: '1,50', other: 1 }, {}], [{ sku: '7', price: 1.5 }, {}]],
    [ITEMS, [{ article: { no: ' ' }, price: null }], [{}]],
  ])('%j of %j is %j', (cast, value, expected) => {
    expect(applyCast(value, cast, 'Europe/Berlin')).toEqual({ ok: true, value: expected });
  });

  it.each<[Cast, Json, MappingCode]>([
    [{ cast: 'text' }, { a: 1 }, 'not_text'],
    [{ cast: 'text' }, 2 ** 60, 'number_precision_lost'],
    [{ cast: 'number' }, 'twelve', 'not_a_number'],
    [{ cast: 'integer' }, '1.5', 'not_an_integer'],
    [{ cast: 'boolean' }, 'perhaps', 'not_a_boolean'],
    [{ cast: 'date', format: 'mm/dd/yyyy' }, '25/12/2026', 'not_a_date'],
    [{ cast: 'time' }, 1775212200, 'not_a_time'],
    [JSON_CAST, '{a:1}', 'not_json'],
    [JSON_CAST, '['.repeat(40) + ']'.repeat(40), 'too_deep'],
    [{ cast: 'list' }, 5, 'not_a_list'],
    [{ cast: 'part', separator: '/', index: 0 }, [], 'not_text'],
    [WORDS, 'x', 'unknown_word'],
    [WORDS, 'toString', 'unknown_word'],
    [ITEMS, 'text', 'not_a_list'],
    [ITEMS, [1], 'not_a_list'],
    [ITEMS, [{ price: '1.5.0' }], 'not_a_number'],
  ])('%j refuses %j as %s', (cast, value, code) => {
    expect(applyCast(value, cast, 'UTC')).toMatchObject({ ok: false, code });
  });

  it('names the field of an item that does not fit', () => {
    expect(applyCast([{ price: 'x' }], ITEMS, 'UTC')).toMatchObject({
      detail: 'price: no number with a decimal comma',
    });
  });

  it('never repeats a value in what it says about it', () => {
    const casts: readonly Cast[] = [JSON_CAST, WORDS, ITEMS, { cast: 'number' }, { cast: 'time' }];
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), fc.constantFrom(...casts), (value, cast) => {
        const worked = applyCast(value, cast, 'UTC');
        if (!worked.ok) expect(worked.detail).not.toContain(value);
      }),
    );
  });

  it('done twice gives the same, for casts to one type in its own format', () => {
    const casts: readonly Cast[] = [
      ...(['text', 'number', 'integer', 'boolean', 'date', 'time'] as const).map((cast) => ({
        cast,
      })),
    ];
    fc.assert(
      fc.property(arbitraryValue, fc.constantFrom(...casts), (value, cast) => {
        const once = applyCast(value, cast, 'UTC');
        if (once.ok && once.value !== undefined) {
          expect(applyCast(once.value, cast, 'UTC')).toEqual(once);
        }
      }),
    );
  });
});
