import { describe, expect, it } from '@jest/globals';
import type { Json } from '../shared/index.js';
import { pathsIn, resolveObject, resolveValue } from './resolve-value.js';
import { NOON, trigger, view } from './testing/builders.js';

const trait = (v: Json) => ({ v, t: 0, p: 0, o: 0, s: null });
const scope = view({
  trigger: trigger({ cart_id: 'c1', lines: [{ sku: 'a' }, { sku: 'b' }], gone: null }),
  traits: {
    email: trait('ada@example.org'),
    'address.city': trait('Paris'),
    address: trait({ zip: '75001' }),
    unset: trait(null),
  },
});

describe('a value of a definition', () => {
  it.each<[string, Json, Json | undefined]>([
    ['a literal', 7, 7],
    ['a literal object', { a: [1, { b: null }] }, { a: [1, { b: null }] }],
    ['a property of the trigger', { $path: 'trigger.properties.cart_id' }, 'c1'],
    ['a part of a list', { $path: 'trigger.properties.lines.1.sku' }, 'b'],
    ['a whole list', { $path: 'trigger.properties.lines' }, [{ sku: 'a' }, { sku: 'b' }]],
    ['a property that is null', { $path: 'trigger.properties.gone' }, null],
    ['a property that is not there', { $path: 'trigger.properties.nope' }, undefined],
    ['the name of the trigger', { $path: 'trigger.name' }, 'Cart Updated'],
    ['its time', { $path: 'trigger.eventTime' }, NOON],
    ['a trait', { $path: 'traits.email' }, 'ada@example.org'],
    ['a trait with a dot in its name', { $path: 'traits.address.city' }, 'Paris'],
    ['a part of a trait', { $path: 'traits.address.zip' }, '75001'],
    ['a trait that was unset', { $path: 'traits.unset' }, undefined],
    ['a trait that nobody knows', { $path: 'traits.nope' }, undefined],
    ['what only the runtime has', { $path: 'traits.constructor' }, undefined],
    ['a root that does not exist', { $path: 'customer.id' }, undefined],
    [
      'an object that merely holds a $path',
      { $path: 'traits.email', more: 1 },
      { $path: 'traits.email', more: 1 },
    ],
    ['a $path that is no text', { $path: 1 }, { $path: 1 }],
  ])('may be %s', (_, value, expected) => {
    expect(resolveValue(value, scope)).toEqual(expected);
  });

  it('is left out of an object and null in a list, where its path finds nothing', () => {
    const missing = { $path: 'traits.nope' };
    expect(resolveObject({ a: missing, b: [missing, 1], c: { d: missing } }, scope)).toEqual({
      b: [null, 1],
      c: {},
    });
  });

  it('tells its paths', () => {
    expect(pathsIn({ a: { $path: 'traits.email' }, b: [{ c: { $path: 'x.y' } }], d: 1 })).toEqual([
      'traits.email',
      'x.y',
    ]);
  });
});
