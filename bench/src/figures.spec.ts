import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allOf, describeGoal, equal, makeFigure, median, slope, spread } from './figures.js';

const HELD = { held: true, says: 'rows 10 = 10' };
const FAILED = { held: false, says: 'rows 9 ≠ 10' };

function figure(input: Partial<Parameters<typeof makeFigure>[0]>) {
  return makeFigure({ name: 'a.b', unit: 'events/s', rounds: [], oracle: HELD, ...input });
}

describe('median', () => {
  it('is the middle of an odd and the mean of the two middles of an even number of values', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
    expect(median([3])).toBe(3);
  });

  it('is no number where there is none', () => {
    expect(median([])).toBeNaN();
  });

  it('lies between the extremes, whatever the order', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (list) => {
        const middle = median(list);
        expect(middle).toBeGreaterThanOrEqual(Math.min(...list));
        expect(middle).toBeLessThanOrEqual(Math.max(...list));
        expect(median([...list].reverse())).toBe(middle);
      }),
    );
  });
});

describe('spread', () => {
  it('is half the range as a part of the median', () => {
    expect(spread([90, 100, 110])).toBeCloseTo(0.1);
    expect(spread([7, 7])).toBe(0);
  });

  it('is nothing around zero and no number of nothing', () => {
    expect(spread([0, 0])).toBe(0);
    expect(spread([])).toBeNaN();
  });
});

describe('slope', () => {
  it('finds the growth of a straight line whatever its height', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), fc.integer(), (growth, height) => {
        const points = [0, 1, 2, 5, 9].map((x) => [x, growth * x + height] as const);
        expect(slope(points)).toBeCloseTo(growth, 3);
      }),
    );
  });

  it('says that a single look, or looks at one moment, show no growth', () => {
    expect(slope([[1, 5]])).toBe(0);
    expect(
      slope([
        [1, 5],
        [1, 9],
      ]),
    ).toBe(0);
  });
});

describe('a figure', () => {
  it('takes the median of the ratios of each round, not the ratio of the medians', () => {
    const rounds = [
      { product: 10, limit: 20 },
      { product: 30, limit: 100 },
      { product: 90, limit: 100 },
    ];
    const { product, limit, ratio } = figure({ rounds });
    expect({ product, limit, ratio }).toEqual({ product: 30, limit: 100, ratio: 0.5 });
  });

  it('is not ok when its oracle failed, whatever its value', () => {
    const rounds = [{ product: 100, limit: 100 }];
    expect(figure({ rounds, goal: { ratioMin: 0.5 } }).ok).toBe(true);
    const wrong = figure({ rounds, goal: { ratioMin: 0.5 }, oracle: FAILED });
    expect(wrong).toMatchObject({ ok: false, oracleHeld: false, oracle: FAILED.says });
  });

  it('must meet each part of its goal', () => {
    const goal = { ratioMax: 2, max: 50 };
    expect(figure({ rounds: [{ product: 40, limit: 30 }], goal }).ok).toBe(true);
    expect(figure({ rounds: [{ product: 60, limit: 40 }], goal }).ok).toBe(false);
    expect(figure({ rounds: [{ product: 40, limit: 10 }], goal }).ok).toBe(false);
    expect(figure({ rounds: [{ product: 40, limit: null }], goal }).ok).toBe(false);
  });

  it('meets a lowest value by itself where nothing is compared', () => {
    const rounds = [{ product: 3_100, limit: null }];
    expect(figure({ rounds, goal: { min: 3_000 } })).toMatchObject({
      ok: true,
      limit: null,
      ratio: null,
      goal: 3_000,
      goalIs: '≥ 3000',
    });
    expect(figure({ rounds, goal: { min: 3_200 } }).ok).toBe(false);
  });

  it('is ok without a goal, and never with a value that is no number', () => {
    expect(figure({ rounds: [{ product: 1, limit: null }] }).ok).toBe(true);
    expect(figure({ rounds: [{ product: Number.NaN, limit: null }] })).toMatchObject({
      ok: false,
      product: -1,
    });
  });

  it('takes no ratio to a limit of zero', () => {
    expect(figure({ rounds: [{ product: 1, limit: 0 }] }).ratio).toBeNull();
  });

  it('says that it was taken on the development server only where it was', () => {
    const rounds = [{ product: 1, limit: null }];
    expect(figure({ rounds, dev: true }).dev).toBe(true);
    expect(figure({ rounds, dev: false })).not.toHaveProperty('dev');
  });

  it('can be written as JSON and read back without loss', () => {
    const made = figure({ rounds: [{ product: 1 / 3, limit: 2 / 3 }] });
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
    expect(made.product).toBe(0.3333);
  });
});

describe('an oracle', () => {
  it('says both numbers, and whether they are the same', () => {
    expect(equal('rows', 5, 5)).toEqual({ held: true, says: 'rows 5 = 5' });
    expect(equal('rows', 4, 5)).toEqual({ held: false, says: 'rows 4 ≠ 5' });
  });

  it('of several holds when all hold, and says repeats once', () => {
    expect(allOf(HELD, HELD)).toEqual(HELD);
    expect(allOf(HELD, FAILED)).toEqual({ held: false, says: `${HELD.says}; ${FAILED.says}` });
  });
});

describe('a goal in words', () => {
  it('names each bound', () => {
    expect(describeGoal({ ratioMax: 2, max: 50 })).toBe('ratio ≤ 2 and ≤ 50');
    expect(describeGoal({ ratioMin: 0.6 })).toBe('ratio ≥ 0.6');
    expect(describeGoal({})).toBe('–');
  });
});
