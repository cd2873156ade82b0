import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DOWN_MS, makePlan, VICTIMS } from './plan.js';

const LONG = { seed: 1, minutes: 8, kills: 50, shoppers: 500 };

const options = fc.record({
  seed: fc.nat(),
  minutes: fc.double({ min: 0.25, max: 10, noNaN: true }),
  kills: fc.nat(60),
  shoppers: fc.integer({ min: 1, max: 200 }),
});

describe('the plan of a run', () => {
  it('is the same for the same seed and another for another', () => {
    expect(makePlan(LONG)).toEqual(makePlan(LONG));
    expect(makePlan(LONG)).not.toEqual(makePlan({ ...LONG, seed: 2 }));
  });

  it('keeps every kill inside the window, in order, and away for 0.2 to 2 s', () => {
    fc.assert(
      fc.property(options, (given) => {
        const { kills, windowMs } = makePlan(given);
        expect(kills).toHaveLength(given.kills);
        const moments = kills.map(({ atMs }) => atMs);
        expect(moments).toEqual([...moments].sort((a, b) => a - b));
        for (const { atMs, downMs } of kills) {
          expect(atMs).toBeGreaterThanOrEqual(0);
          expect(atMs).toBeLessThanOrEqual(windowMs);
          expect(downMs).toBeGreaterThanOrEqual(DOWN_MS.least);
          expect(downMs).toBeLessThanOrEqual(DOWN_MS.most);
        }
      }),
    );
  });

  it('reaches every kind of process as often as any other, give or take one', () => {
    fc.assert(
      fc.property(options, (given) => {
        const { kills } = makePlan(given);
        const counts = VICTIMS.map((kind) => kills.filter(({ victim }) => victim === kind).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('spreads the shoppers over the window, each under a name of its own', () => {
    fc.assert(
      fc.property(options, (given) => {
        const { shoppers, windowMs } = makePlan(given);
        expect(new Set(shoppers.map(({ id }) => id)).size).toBe(given.shoppers);
        for (const { atMs } of shoppers) {
          expect(atMs).toBeGreaterThanOrEqual(0);
          expect(atMs).toBeLessThanOrEqual(windowMs + 1);
        }
      }),
    );
  });

  it('has every kind of shopper in the long form', () => {
    const { shoppers } = makePlan(LONG);
    const manners = new Set(shoppers.map(({ hookManner }) => hookManner));
    expect([...manners].sort()).toEqual(['loses the answer', 'refuses once', 'slow', 'takes']);
    expect(shoppers.some(({ sendsBroken }) => sendsBroken)).toBe(true);
    expect(shoppers.some(({ orderAfterMs }) => orderAfterMs !== null)).toBe(true);
    expect(shoppers.some(({ mailMs }) => mailMs > 0)).toBe(true);
    const share = shoppers.filter(({ orderAfterMs }) => orderAfterMs !== null).length / 500;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.3);
  });

  it('deals the shoppers the same however many are killed', () => {
    expect(makePlan(LONG).shoppers).toEqual(makePlan({ ...LONG, kills: 6 }).shoppers);
  });
});
