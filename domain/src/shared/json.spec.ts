import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { atPath, canonicalJson, isJsonList, isJsonObject, parseJson, type Json } from './json.js';

describe('atPath', () => {
  const value: Json = { cart: { items: [{ sku: 'a' }, { sku: 'b' }], total: 0 }, flat: null };

  it.each<[string, Json | undefined]>([
    ['cart.total', 0],
    ['cart.items.1.sku', 'b'],
    ['flat', null],
    ['flat.deeper', undefined],
    ['cart.items.2', undefined],
    ['cart.items.', undefined],
    ['cart.items.length', undefined],
    ['cart.items.01e0', undefined],
    ['', undefined],
    ['nothing', undefined],
    ['constructor', undefined],
    ['cart.constructor.name', undefined],
    ['cart.__proto__', undefined],
    ['toString.length', undefined],
  ])('reads %s', (path, expected) => {
    expect(atPath(value, path)).toEqual(expected);
  });

  it('reads an own key that only looks like the runtime', () => {
    const own = parseJson('{"__proto__":{"x":1},"constructor":2}');
    expect(atPath(own, '__proto__.x')).toBe(1);
    expect(atPath(own, 'constructor')).toBe(2);
  });
});

describe('canonicalJson', () => {
  it('is the same for any order of keys, and for nothing else', () => {
    expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: null })).toBe(
      '{"a":null,"b":[1,{"c":2,"d":1}]}',
    );
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson('1')).not.toBe(canonicalJson(1));
  });

  it('is JSON of an equal value', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = parseJson(text);
        if (value === undefined) return;
        expect(parseJson(canonicalJson(value))).toEqual(parseJson(JSON.stringify(value)));
      }),
    );
  });
});

describe('parseJson', () => {
  it.each(['', '{', 'undefined', "{'a':1}", '[1,]', 'NaN'])('refuses %j', (text) => {
    expect(parseJson(text)).toBeUndefined();
  });

  it('tells lists, objects and null apart', () => {
    expect(parseJson('null')).toBeNull();
    expect(isJsonList(parseJson('[]'))).toBe(true);
    expect(isJsonObject(parseJson('[]'))).toBe(false);
    expect(isJsonObject(parseJson('{}'))).toBe(true);
    expect(isJsonObject(null)).toBe(false);
  });
});
