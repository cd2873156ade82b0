import { describe, expect, it } from '@jest/globals';
import { consumedAtEntry, consumedBy, consumedUntil, isUnseen } from './consumed.js';
import { subscribe } from './match-wait.js';
import { cartJourney, event, NOON, ref, trigger } from './testing/builders.js';
import { lookBack, MAX_RESTARTS, watchWait, type OpenWait } from './watch-wait.js';

const HOUR = 3_600_000;
const led = trigger({ cart_id: 'c1' });
const waiter = { definition: cartJourney(), trigger: led };
const wait: OpenWait = {
  step: 'wait',
  subscriptions: [
    subscribe('ordered', { kind: 'event', event: 'Order Completed', same: 'cart_id' }, led),
  ],
  deadline: NOON + 4 * HOUR,
  restarts: 0,
  fired: null,
};
const order = (at = ref(5, NOON + HOUR)) =>
  event('Order Completed', { cart_id: 'c1' }, { ref: at });
const cart = (at = ref(5, NOON + HOUR)) => event('Cart Updated', { cart_id: 'c1' }, { ref: at });

describe('an open wait', () => {
  it('is fired by the first match and by no later one', () => {
    const fired = watchWait(wait, order(), waiter);
    expect(fired.fired).toEqual({ branch: 'ordered', ref: ref(5, NOON + HOUR) });
    expect(watchWait(fired, order(ref(6, NOON + HOUR)), waiter)).toBe(fired);
  });

  it.each([
    [4 * HOUR, true],
    [4 * HOUR + 1, false],
  ])('with an order %i ms after its beginning fires: %s', (afterMs, fires) => {
    expect(watchWait(wait, order(ref(5, NOON + afterMs)), waiter).fired !== null).toBe(fires);
  });

  it('counts an event by its stamp, however old the event itself is', () => {
    const late = event(
      'Order Completed',
      { cart_id: 'c1' },
      { eventTime: 0, imported: true, ref: ref(5, NOON + 1) },
    );
    expect(watchWait(wait, late, waiter).fired).not.toBeNull();
  });

  it('begins anew by a repeat of the trigger', () => {
    expect(watchWait(wait, cart(), waiter)).toEqual({
      ...wait,
      deadline: NOON + 5 * HOUR,
      restarts: 1,
    });
  });

  it('begins anew at most a hundred times', () => {
    const tired = { ...wait, restarts: MAX_RESTARTS };
    expect(watchWait(tired, cart(), waiter)).toBe(tired);
  });

  it.each([
    [
      'another cart',
      { ...waiter },
      event('Cart Updated', { cart_id: 'c2' }, { ref: ref(5, NOON + HOUR) }),
    ],
    ['a repeat after the deadline', waiter, cart(ref(5, NOON + 4 * HOUR + 1))],
    [
      'a journey without keys',
      { ...waiter, definition: cartJourney({ entry: { reentry: 'once' } }) },
      cart(),
    ],
  ])('is left as it is by %s', (_, by, happening) => {
    expect(watchWait(wait, happening, by)).toBe(wait);
  });

  it('is not moved back by a repeat from before it began', () => {
    const later = { ...wait, deadline: NOON + 9 * HOUR };
    expect(watchWait(later, cart(ref(5, NOON + 1)), waiter).deadline).toBe(NOON + 9 * HOUR);
  });

  it('of a held run listens to nothing', () => {
    const idle = { ...wait, subscriptions: [], deadline: null };
    expect(watchWait(idle, order(), waiter)).toBe(idle);
    expect(watchWait(idle, cart(), waiter)).toBe(idle);
  });
});

describe('looking back', () => {
  const consumed = consumedAtEntry(led.ref);

  it('finds the order that came before the run began', () => {
    const found = lookBack(wait, [order(ref(2, NOON + 2_000))], { ...waiter, consumed });
    expect(found.fired?.ref.position).toBe(2);
  });

  it('finds one that was appended together with the trigger', () => {
    expect(lookBack(wait, [order(ref(1, NOON, 1))], { ...waiter, consumed }).fired).not.toBeNull();
  });

  it('does not count what an earlier wait decided on', () => {
    const after = consumedBy(consumed, ref(2));
    expect(
      lookBack(wait, [order(ref(2, NOON + 1))], { ...waiter, consumed: after }).fired,
    ).toBeNull();
  });

  it('takes repeats into account, so that an order in the time they gave counts', () => {
    const log = [cart(ref(2, NOON + 3 * HOUR)), order(ref(3, NOON + 6 * HOUR))];
    expect(lookBack(wait, log, { ...waiter, consumed }).fired?.ref.position).toBe(3);
    expect(lookBack(wait, log.slice(1), { ...waiter, consumed }).fired).toBeNull();
  });
});

describe('what is consumed', () => {
  const entry = consumedAtEntry(ref(5, NOON, 2));

  it.each([
    ['the trigger itself', ref(5, NOON, 2), false],
    ['its neighbour with the same stamp', ref(5, NOON, 3), true],
    ['the row behind it with the same stamp', ref(6, NOON), true],
    ['an earlier row', ref(4, NOON), false],
  ])('at entry: %s', (_, at, unseen) => {
    expect(isUnseen(entry, at)).toBe(unseen);
  });

  it('by a deadline is everything stamped up to it, wherever it stands', () => {
    const after = consumedUntil(entry, NOON + 100);
    expect(isUnseen(after, ref(9, NOON + 100))).toBe(false);
    expect(isUnseen(after, ref(9, NOON + 101))).toBe(true);
  });

  it('by an input is everything up to it, and nothing of the same stamp behind it', () => {
    const after = consumedBy(entry, ref(9, NOON + 100));
    expect(isUnseen(after, ref(9, NOON + 100))).toBe(false);
    expect(isUnseen(after, ref(9, NOON + 100, 1))).toBe(true);
  });

  it('never becomes less', () => {
    expect(consumedBy(entry, ref(1))).toBe(entry);
    expect(consumedUntil(entry, 0)).toEqual(entry);
  });
});
