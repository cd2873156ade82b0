import { describe, expect, it } from '@jest/globals';
import { decideExit, GOAL_WINDOW_MS, isRepeat, reachedGoals } from './decide-exit.js';
import { cartJourney, change, event, ref, trigger } from './testing/builders.js';

const definition = cartJourney({
  exits: [
    { id: 'ordered', kind: 'event', event: 'Order Completed', same: 'cart_id' },
    { id: 'any_order', kind: 'event', event: 'Order Completed', reason: 'bought' },
    { id: 'lapsed', kind: 'segment', segment: 'lapsed', on: 'entered' },
  ],
  goals: [
    { id: 'order', kind: 'event', event: 'Order Completed' },
    {
      id: 'large',
      kind: 'event',
      event: 'Order Completed',
      where: [{ property: 'total', op: 'gte', value: 100 }],
    },
  ],
});
const led = trigger({ cart_id: 'c1' });

describe('an exit', () => {
  it.each([
    [
      'the first rule that is met, with its id as reason',
      event('Order Completed', { cart_id: 'c1' }),
      { exitId: 'ordered', reason: 'ordered' },
    ],
    [
      'the next one, with its own reason',
      event('Order Completed', { cart_id: 'c2' }),
      { exitId: 'any_order', reason: 'bought' },
    ],
    ['a change of membership', change('lapsed', 'entered'), { exitId: 'lapsed', reason: 'lapsed' }],
    ['nothing', event('Cart Updated', { cart_id: 'c1' }), null],
    [
      'an import all the same',
      event('Order Completed', {}, { imported: true }),
      { exitId: 'any_order', reason: 'bought' },
    ],
  ])('by %s', (_, happening, expected) => {
    expect(decideExit(definition, led, happening)).toEqual(expected);
  });

  it('is never decided by the input that led in, nor by one before it', () => {
    expect(decideExit(definition, led, event('Order Completed', {}, { ref: led.ref }))).toBeNull();
    expect(decideExit(definition, led, change('lapsed', 'entered', ref(0)))).toBeNull();
    expect(
      decideExit(definition, led, change('lapsed', 'entered', ref(1, led.ref.clock, 1))),
    ).not.toBeNull();
  });
});

describe('goals', () => {
  it('are all those that are met', () => {
    expect(reachedGoals(definition, led, event('Order Completed', { total: 100 }))).toEqual([
      'order',
      'large',
    ]);
    expect(reachedGoals(definition, led, event('Order Completed', { total: 1 }))).toEqual([
      'order',
    ]);
    expect(reachedGoals(definition, led, event('Cart Updated'))).toEqual([]);
  });

  it('count for a week after entry', () => {
    const last = led.ref.clock + GOAL_WINDOW_MS;
    const order = (clock: number) => event('Order Completed', {}, { ref: ref(9, clock) });
    expect(reachedGoals(definition, led, order(last))).toEqual(['order']);
    expect(reachedGoals(definition, led, order(last + 1))).toEqual([]);
  });

  it('count for as long as they say, each for itself', () => {
    const goal = { kind: 'event', event: 'Order Completed' } as const;
    const goals = [
      { ...goal, id: 'soon', window: 'PT1H' },
      { ...goal, id: 'late', window: { days: 30 } },
      { ...goal, id: 'usual' },
    ];
    const reachedAfter = (ms: number): readonly string[] =>
      reachedGoals(
        { ...definition, goals },
        led,
        event('Order Completed', {}, { ref: ref(9, led.ref.clock + ms) }),
      );
    expect(reachedAfter(3_600_000)).toEqual(['soon', 'late', 'usual']);
    expect(reachedAfter(3_600_001)).toEqual(['late', 'usual']);
    expect(reachedAfter(GOAL_WINDOW_MS + 1)).toEqual(['late']);
    expect(reachedAfter(30 * 86_400_000 + 1)).toEqual([]);
  });
});

describe('a repeat', () => {
  const filtered = cartJourney({
    trigger: {
      kind: 'event',
      event: 'Cart Updated',
      where: [{ property: 'items', op: 'gt', value: 0 }],
    },
  });
  it.each([
    [
      'the same event with the same key',
      cartJourney(),
      event('Cart Updated', { cart_id: 'c1' }),
      true,
    ],
    ['another key', cartJourney(), event('Cart Updated', { cart_id: 'c2' }), false],
    ['no key', cartJourney(), event('Cart Updated'), false],
    ['another event', cartJourney(), event('Order Completed', { cart_id: 'c1' }), false],
    [
      'an event that the filter refuses',
      filtered,
      event('Cart Updated', { cart_id: 'c1', items: 0 }),
      false,
    ],
    ['one that it takes', filtered, event('Cart Updated', { cart_id: 'c1', items: 1 }), true],
    [
      'the trigger itself',
      cartJourney(),
      event('Cart Updated', { cart_id: 'c1' }, { ref: ref(1) }),
      false,
    ],
    [
      'any event of a journey without keys',
      cartJourney({ entry: { reentry: 'once' } }),
      event('Cart Updated', { cart_id: 'c1' }),
      false,
    ],
    ['a change of membership', cartJourney(), change('vip', 'entered'), false],
  ])('is or is not %s', (_, journey, happening, expected) => {
    expect(isRepeat(journey, led, happening)).toBe(expected);
  });
});
