import { describe, expect, it } from '@jest/globals';
import { matchHappening, matchWait, subscribe } from './match-wait.js';
import { change, event, trigger } from './testing/builders.js';
import type { Match } from './types.js';

const order: Match = { kind: 'event', event: 'Order Completed' };
const sameCart: Match = { ...order, same: 'cart.id' };
const large: Match = { ...order, where: [{ property: 'total', op: 'gte', value: 100 }] };

describe('a match', () => {
  it.each<[string, Match, Parameters<typeof matchHappening>[1], boolean]>([
    ['an event by its name', order, event('Order Completed'), true],
    ['not another event', order, event('order completed'), false],
    ['an event that meets the filter', large, event('Order Completed', { total: 100 }), true],
    ['not one that does not', large, event('Order Completed', { total: 99 }), false],
    [
      'a segment entered',
      { kind: 'segment', segment: 'vip', on: 'entered' },
      change('vip', 'entered'),
      true,
    ],
    [
      'not one left',
      { kind: 'segment', segment: 'vip', on: 'entered' },
      change('vip', 'left'),
      false,
    ],
    [
      'not another segment',
      { kind: 'segment', segment: 'vip', on: 'left' },
      change('new', 'left'),
      false,
    ],
    [
      'no event that is named like a segment',
      { kind: 'segment', segment: 'vip', on: 'entered' },
      event('vip'),
      false,
    ],
    ['no segment that is named like an event', order, change('Order Completed', 'entered'), false],
  ])('takes %s', (_, match, happening, expected) => {
    expect(matchHappening(match, happening)).toBe(expected);
  });

  it.each([
    ['the same value', { cart: { id: 'c1' } }, { cart: { id: 'c1' } }, true],
    [
      'the same value in another order of keys',
      { cart: { id: { a: 1, b: 2 } } },
      { cart: { id: { b: 2, a: 1 } } },
      true,
    ],
    ['another value', { cart: { id: 'c1' } }, { cart: { id: 'c2' } }, false],
    ['a value of another type', { cart: { id: 1 } }, { cart: { id: '1' } }, false],
    ['no value in the event', { cart: { id: 'c1' } }, {}, false],
    ['no value in either', {}, {}, false],
    [
      'null in both, which tells nothing apart',
      { cart: { id: null } },
      { cart: { id: null } },
      false,
    ],
  ])('with `same` and %s', (_, led, came, expected) => {
    const subscription = subscribe('b', sameCart, trigger(led));
    expect(matchWait([subscription], event('Order Completed', came))).toBe(expected ? 'b' : null);
  });
});

describe('a wait', () => {
  it('takes the first branch in the order of the definition', () => {
    const subscriptions = [
      { branch: 'large', on: large },
      { branch: 'any', on: order },
    ];
    expect(matchWait(subscriptions, event('Order Completed', { total: 500 }))).toBe('large');
    expect(matchWait(subscriptions, event('Order Completed', { total: 5 }))).toBe('any');
    expect(matchWait(subscriptions, event('Cart Updated'))).toBeNull();
  });

  it('of a delay takes nothing', () => {
    expect(matchWait([], event('Order Completed'))).toBeNull();
  });
});
