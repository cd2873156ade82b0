import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { capHorizonMs, decideCap } from './caps.js';
import type { CapRule, CapVerdict, CountedSend } from './types.js';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;

const DAILY: CapRule = { channel: 'email', per: 'P1D', max: 3, slots: { cart: 1 } };
const email = (of: string, hoursAgo: number): CountedSend => ({
  channel: 'email',
  class: of,
  at: NOW - hoursAgo * HOUR,
});

function ask(
  of: string,
  sends: readonly CountedSend[],
  rules: readonly CapRule[] = [DAILY],
): CapVerdict {
  return decideCap(rules, { channel: 'email', class: of, now: NOW }, sends);
}

const free: CapVerdict = { kind: 'free' };
const full = (hours: number): CapVerdict => ({ kind: 'full', until: NOW + hours * HOUR });

describe('a frequency cap', () => {
  it.each<[string, string, readonly CountedSend[], CapVerdict]>([
    ['leaves room for the first', 'marketing', [], free],
    ['leaves room for the second', 'marketing', [email('marketing', 1)], free],
    [
      'keeps the slot of the cart mail',
      'marketing',
      [email('marketing', 2), email('marketing', 1)],
      full(22),
    ],
    ['lets the cart mail have it', 'cart', [email('marketing', 2), email('marketing', 1)], free],
    ['counts a slot that is used', 'marketing', [email('cart', 3), email('marketing', 1)], free],
    [
      'is full for everybody in the end',
      'cart',
      [email('marketing', 2), email('marketing', 1), email('cart', 20)],
      full(4),
    ],
    [
      'gives a class with slots the rest as well',
      'cart',
      [email('cart', 2), email('cart', 1)],
      free,
    ],
    [
      'forgets what has left the window',
      'marketing',
      [email('marketing', 24), email('marketing', 1)],
      free,
    ],
    [
      'does not count transactional mail',
      'marketing',
      [email('transactional', 2), email('transactional', 1)],
      free,
    ],
    [
      'never holds transactional mail back',
      'transactional',
      [1, 2, 3, 4].map((h) => email('cart', h)),
      free,
    ],
    [
      'does not count other channels',
      'marketing',
      [1, 2, 3].map((h) => ({ ...email('marketing', h), channel: 'sms' })),
      free,
    ],
    // The oldest leaving frees a slot for carts, not a place for newsletters.
    [
      'waits for the place and not only for a slot',
      'marketing',
      [email('cart', 20), email('marketing', 10), email('marketing', 5)],
      full(14),
    ],
  ])('%s', (_name, of, sends, expected) => {
    expect(ask(of, sends)).toEqual(expected);
  });

  it('of one class counts that class', () => {
    const rule: CapRule = { channel: 'email', class: 'newsletter', per: { weeks: 1 }, max: 1 };
    const sends = [email('newsletter', 100), email('cart', 1)];
    expect(ask('newsletter', sends, [rule])).toEqual(full(68));
    expect(ask('cart', sends, [rule])).toEqual(free);
  });

  it('among several is the strictest', () => {
    const weekly: CapRule = { channel: 'email', per: 'P7D', max: 3 };
    const sends = [email('cart', 100), email('marketing', 30), email('marketing', 26)];
    expect(ask('marketing', sends, [DAILY, weekly])).toEqual(full(68));
  });

  it('that is all slots of others never opens', () => {
    const rule: CapRule = { ...DAILY, max: 2, slots: { cart: 2 } };
    expect(ask('marketing', [], [rule])).toEqual({ kind: 'full', until: null });
    expect(ask('cart', [], [rule])).toEqual(free);
  });

  it('says how far back it looks', () => {
    const rules: readonly CapRule[] = [
      DAILY,
      { channel: 'email', class: 'cart', per: 'P7D', max: 9 },
    ];
    expect(capHorizonMs(rules, { channel: 'email', class: 'marketing' })).toBe(24 * HOUR);
    expect(capHorizonMs(rules, { channel: 'email', class: 'cart' })).toBe(7 * 24 * HOUR);
    expect(capHorizonMs(rules, { channel: 'email', class: 'transactional' })).toBe(0);
    expect(capHorizonMs(rules, { channel: 'sms', class: 'cart' })).toBe(0);
  });

  const anyRule = fc
    .record({
      hours: fc.integer({ min: 1, max: 24 }),
      max: fc.integer({ min: 1, max: 6 }),
      slots: fc.nat(6),
    })
    .map(({ hours, max, slots }): CapRule => {
      const kept = Math.min(slots, max);
      return {
        channel: 'email',
        per: { hours },
        max,
        ...(kept > 0 ? { slots: { cart: kept } } : {}),
      };
    });
  const anyStream = fc.array(
    fc.record({ of: fc.constantFrom('cart', 'marketing', 'news'), gap: fc.nat(6 * HOUR) }),
    { maxLength: 60 },
  );

  it('is never exceeded in any window, and always has its slots, whoever comes when', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { minLength: 1, maxLength: 3 }), anyStream, (rules, stream) => {
        const sends: CountedSend[] = [];
        let now = NOW;
        for (const { of, gap } of stream) {
          now += gap;
          const verdict = decideCap(rules, { channel: 'email', class: of, now }, sends);
          if (verdict.kind === 'free') sends.push({ channel: 'email', class: of, at: now });
        }
        for (const { per, max, slots } of rules) {
          const length = typeof per === 'object' ? (per.hours ?? 0) * HOUR : 0;
          for (const { at } of sends) {
            const window = sends.filter((one) => one.at <= at && one.at > at - length);
            expect(window.length).toBeLessThanOrEqual(max);
            const others = window.filter((one) => one.class !== 'cart').length;
            expect(others).toBeLessThanOrEqual(max - (slots?.['cart'] ?? 0));
          }
        }
      }),
    );
  });

  it('opens at the instant that it says, and not before', () => {
    fc.assert(
      fc.property(anyRule, anyStream, (rule, stream) => {
        let at = NOW - 200 * HOUR;
        const sends = stream.map(({ of, gap }) => ({
          channel: 'email',
          class: of,
          at: (at += gap),
        }));
        const now = at;
        const verdict = decideCap([rule], { channel: 'email', class: 'news', now }, sends);
        if (verdict.kind === 'free' || verdict.until === null) return;
        const later = (instant: number) =>
          decideCap([rule], { channel: 'email', class: 'news', now: instant }, sends).kind;
        expect(later(verdict.until)).toBe('free');
        expect(later(verdict.until - 1)).toBe('full');
      }),
    );
  });
});
