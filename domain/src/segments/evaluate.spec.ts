import { describe, expect, it } from '@jest/globals';
import type { Facts } from '../profiles/types.js';
import { evaluate, isMember } from './evaluate.js';
import { factKey } from './facts.js';
import { NOON, person } from './testing/people.js';
import type { Condition, CustomerFacts } from './types.js';

const isPro: Condition = { trait: 'plan', op: 'equals', value: 'pro' };
const bought: Condition = { event: 'Ordered' };
const orders = (count: number): Facts => ({ [factKey({ event: 'Ordered' })]: count });

describe('isMember', () => {
  it.each<[string, Condition, CustomerFacts, boolean]>([
    ['a trait', isPro, person({ plan: 'pro' }), true],
    ['another trait', isPro, person({ plan: 'free' }), false],
    ['at least once by default', bought, person({}, orders(1)), true],
    ['not once', bought, person({}), false],
    ['never', { event: 'Ordered', count: { eq: 0 } }, person({}), true],
    ['never, but once', { event: 'Ordered', count: { eq: 0 } }, person({}, orders(1)), false],
    ['between', { event: 'Ordered', count: { gte: 2, lte: 3 } }, person({}, orders(3)), true],
    ['above', { event: 'Ordered', count: { gte: 2, lte: 3 } }, person({}, orders(4)), false],
    ['all', { all: [isPro, bought] }, person({ plan: 'pro' }, orders(1)), true],
    ['not all', { all: [isPro, bought] }, person({ plan: 'pro' }), false],
    ['any', { any: [isPro, bought] }, person({}, orders(1)), true],
    ['none', { any: [isPro, bought] }, person({}), false],
    ['not', { not: isPro }, person({}), true],
    ['a segment', { segment: 'vip' }, person({}, {}, ['vip']), true],
    ['not a segment', { segment: 'vip' }, person({}, {}, ['other']), false],
    ['the runtime is no fact', { event: 'toString' }, person({}), false],
  ])('%s', (_label, condition, customer, expected) => {
    expect(isMember(condition, customer, NOON)).toBe(expected);
    expect(evaluate(condition, customer, NOON).member).toBe(expected);
  });
});

describe('evaluate', () => {
  it('explains by the conditions that decided', () => {
    const condition: Condition = { all: [isPro, { any: [bought, { segment: 'vip' }] }] };
    expect(evaluate(condition, person({ plan: 'pro' }, orders(2)), NOON)).toEqual({
      member: true,
      because: [
        'plan is "pro": holds, the trait is "pro"',
        'Ordered at least once: holds, it happened 2 times',
      ],
      nextChangeAt: null,
    });
    expect(evaluate(condition, person({ plan: 'free' }), NOON)).toEqual({
      member: false,
      because: [
        'plan is "pro": does not hold, the trait is "free"',
        'Ordered at least once: does not hold, it never happened',
        'is in segment vip: does not hold, is not in it',
      ],
      nextChangeAt: null,
    });
  });

  it('explains a negation by what is inside of it', () => {
    expect(evaluate({ not: isPro }, person({}), NOON).because).toEqual([
      'plan is "pro": does not hold, the trait is not known',
    ]);
  });
});
