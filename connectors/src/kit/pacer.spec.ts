import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createPacer, type Pacer } from './pacer.js';

const clock = { at: 1_000_000 };
const pacer = (): Pacer => createPacer(() => clock.at);
const PATIENT = Number.POSITIVE_INFINITY;

describe('the pace of a connection', () => {
  it('lets the calls of one second go at once and spaces the rest', () => {
    const one = pacer();
    const take = () => one.take({ key: 'a', perSecond: 4, patienceMs: PATIENT }).afterMs;
    expect([take(), take(), take(), take(), take(), take()]).toEqual([0, 0, 0, 0, 250, 500]);
  });

  it('is one connection’s own', () => {
    const one = pacer();
    const take = (key: string) => one.take({ key, perSecond: 1, patienceMs: PATIENT }).afterMs;
    expect([take('a'), take('a'), take('b')]).toEqual([0, 1_000, 0]);
  });

  it('can be slower than one call in a second', () => {
    const one = pacer();
    const take = () => one.take({ key: 'a', perSecond: 0.5, patienceMs: PATIENT }).afterMs;
    expect([take(), take(), take()]).toEqual([0, 2_000, 4_000]);
  });

  it('keeps no place for a caller who will not wait for it', () => {
    const one = pacer();
    const take = (patienceMs: number) => one.take({ key: 'a', perSecond: 1, patienceMs });
    expect(take(0)).toEqual({ go: true, afterMs: 0 });
    expect(take(500)).toEqual({ go: false, afterMs: 1_000 });
    expect(take(1_000)).toEqual({ go: true, afterMs: 1_000 });
  });

  it('stands still while the vendor wants no calls, also without a pace', () => {
    const one = pacer();
    one.hold('a', 60_000);
    one.hold('a', 10_000);
    const turn = { key: 'a', patienceMs: 5_000 };
    expect(one.take(turn)).toEqual({ go: false, afterMs: 60_000 });
    expect(one.take({ ...turn, key: 'b' })).toEqual({ go: true, afterMs: 0 });
    clock.at += 60_000;
    expect(one.take(turn)).toEqual({ go: true, afterMs: 0 });
  });

  it('forgets connections that are idle', () => {
    const one = pacer();
    for (let n = 0; n < 5_000; n += 1) {
      clock.at += 10;
      expect(one.take({ key: `c${n}`, perSecond: 10, patienceMs: 0 }).go).toBe(true);
    }
  });

  it('never lets more go in any second than twice its number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 30, maxLength: 120 }),
        (perSecond, pauses) => {
          const one = pacer();
          const gone = pauses.map((pause) => {
            clock.at += pause;
            return clock.at + one.take({ key: 'a', perSecond, patienceMs: PATIENT }).afterMs;
          });
          for (const from of gone) {
            const within = gone.filter((at) => at >= from && at < from + 1_000).length;
            expect(within).toBeLessThanOrEqual(2 * perSecond);
          }
        },
      ),
    );
  });
});
