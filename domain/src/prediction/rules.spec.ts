import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bandOf, percentileIn, percentiles } from './bands.js';
import { cutsBelow, cutsOf } from './bins.js';
import { compareModels } from './compare-models.js';
import {
  assertBeforeSnapshot,
  buildFeatures,
  type FeaturePlan,
  type TimedInput,
} from './feature-plan.js';
import { foldRows, stratifiedFolds } from './folds.js';
import { labelGates, purchaseGates } from './gates.js';
import { RFM_GROUPS, rfmGroup } from './rfm-group.js';

describe('bands', () => {
  it('begin where they are cut', () => {
    expect([0, 0.49, 0.5, 0.74, 0.75, 1].map((each) => bandOf(each))).toEqual([
      'low',
      'low',
      'medium',
      'medium',
      'high',
      'high',
    ]);
    expect(bandOf(0.3, { medium: 0.2, high: 0.3 })).toBe('high');
  });
});

describe('percentiles', () => {
  it('are the share below, ties by half', () => {
    expect([...percentiles(Float64Array.of(0.2, 0.9, 0.2, 0.5))]).toEqual([
      0.25, 0.875, 0.25, 0.625,
    ]);
    expect([...percentiles(Float64Array.of(1, 1))]).toEqual([0.5, 0.5]);
    expect(percentileIn(new Float64Array(0), 3)).toBe(0.5);
  });

  it('follow the scores and average one half', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1 }), (list) => {
        const scores = Float64Array.from(list);
        const found = percentiles(scores);
        expect(found.reduce((sum, each) => sum + each, 0) / list.length).toBeCloseTo(0.5, 10);
        scores.forEach((one, p) => {
          scores.forEach((other, q) => {
            if (one < other) expect(found[p]).toBeLessThan(found[q] ?? -1);
          });
        });
      }),
    );
  });
});

describe('cuts', () => {
  it('part values that come many times, each from the next', () => {
    const sorted = Float64Array.from({ length: 90 }, (_, at) => Math.floor(at / 30));
    expect(cutsOf(sorted, 64)).toEqual([0.5, 1.5]);
    expect(cutsOf(new Float64Array(5).fill(3), 64)).toEqual([]);
  });

  it('make bins of nearly equal size, and never more than asked for', () => {
    const sorted = Float64Array.from({ length: 4_000 }, (_, at) => Math.floor(at / 40));
    const cuts = cutsOf(sorted, 10);
    expect(cuts).toHaveLength(9);
    const sizes = new Array<number>(10).fill(0);
    for (const value of sorted) {
      const bin = cutsBelow(cuts, value);
      sizes[bin] = (sizes[bin] ?? 0) + 1;
    }
    expect(sizes).toEqual(new Array<number>(10).fill(400));
  });
});

describe('folds', () => {
  it('deal out both labels evenly, and each row once', () => {
    const labels = Uint8Array.from({ length: 103 }, (_, at) => (at % 4 === 0 ? 1 : 0));
    const folds = stratifiedFolds(labels, 5, 1);
    const positives = [0, 1, 2, 3, 4].map(
      (fold) => foldRows(folds, fold).test.filter((row) => labels[row] === 1).length,
    );
    expect(Math.max(...positives) - Math.min(...positives)).toBeLessThanOrEqual(1);
    const tested = [0, 1, 2, 3, 4].flatMap((fold) => foldRows(folds, fold).test);
    expect(tested.sort((p, q) => p - q)).toEqual([...labels.keys()]);
    const { learn, test } = foldRows(folds, 2);
    expect(learn.filter((row) => test.includes(row))).toEqual([]);
    expect(stratifiedFolds(labels, 5, 1)).toEqual(folds);
    expect(stratifiedFolds(labels, 5, 2)).not.toEqual(folds);
  });
});

describe('compareModels', () => {
  const labels = Uint8Array.of(1, 1, 0, 0, 0, 0);
  const good = Float64Array.of(0.9, 0.8, 0.2, 0.2, 0.1, 0.1);

  it('takes the new one where it is as good', () => {
    expect(compareModels({ old: good, new: good }, labels)).toMatchObject({ winner: 'new' });
  });

  it('keeps the old one where the new one ranks worse, or is worse off the mark', () => {
    const muddled = Float64Array.of(0.1, 0.8, 0.2, 0.9, 0.1, 0.1);
    expect(compareModels({ old: good, new: muddled }, labels)).toMatchObject({
      winner: 'old',
      why: 'average precision of the new model is too low',
      averagePrecision: { old: 1 },
    });
    const timid = good.map((each) => 0.5 + each / 1_000);
    expect(compareModels({ old: good, new: timid }, labels)).toMatchObject({
      winner: 'old',
      why: 'log loss of the new model is too high',
    });
  });
});

describe('gates', () => {
  const shop = { buyers: 500, historyDays: 180, daysSinceLastOrder: 30, repeatBuyers: 1 };
  const people = { doers: 100, nonDoers: 100, historyDays: 90, eventTypes: 5, windowDays: 30 };
  const held = (gates: readonly { gate: string; ok: boolean }[]): string[] =>
    gates.filter(({ ok }) => !ok).map(({ gate }) => gate);

  it('hold at the bounds, and each fails by itself just beyond', () => {
    expect(held(purchaseGates(shop))).toEqual([]);
    expect(held(purchaseGates({ ...shop, buyers: 499 }))).toEqual(['buyers']);
    expect(held(purchaseGates({ ...shop, daysSinceLastOrder: 31 }))).toEqual(['recentDays']);
    expect(held(purchaseGates({ ...shop, historyDays: 179, repeatBuyers: 0 }))).toEqual([
      'historyDays',
      'repeatBuyers',
    ]);
    expect(held(labelGates(people))).toEqual([]);
    expect(held(labelGates({ ...people, windowDays: 31 }))).toEqual(['historyDays']);
    expect(held(labelGates({ ...people, doers: 99, nonDoers: 0, eventTypes: 4 }))).toEqual([
      'doers',
      'nonDoers',
      'eventTypes',
    ]);
  });

  it('take what the definition asks for instead', () => {
    expect(purchaseGates({ ...shop, buyers: 10 }, { buyers: 10 })[0]).toEqual({
      gate: 'buyers',
      needed: 10,
      found: 10,
      ok: true,
    });
    expect(held(labelGates(people, { historyDays: 91 }))).toEqual(['historyDays']);
  });
});

describe('rfmGroup', () => {
  const FIFTHS = [1, 2, 3, 4, 5];
  const cells = FIFTHS.flatMap((recency) =>
    FIFTHS.flatMap((frequency) => FIFTHS.map((monetary) => ({ recency, frequency, monetary }))),
  );

  it('names each of the 125 scores, and uses every name', () => {
    expect(cells).toHaveLength(125);
    expect(new Set(cells.map(rfmGroup))).toEqual(new Set(RFM_GROUPS));
  });

  it.each([
    [5, 5, 5, 'Champions'],
    [4, 5, 5, 'Champions'],
    [3, 4, 4, 'Loyal'],
    [5, 2, 2, 'Potential loyalists'],
    [5, 1, 1, 'New'],
    [4, 1, 1, 'Promising'],
    [3, 2, 3, 'Needs attention'],
    [3, 1, 1, 'About to sleep'],
    [2, 4, 3, 'At risk'],
    [1, 5, 5, "Can't lose"],
    [2, 2, 2, 'Hibernating'],
    [1, 1, 1, 'Lost'],
  ])('%d%d%d are %s', (recency, frequency, monetary, name) => {
    expect(rfmGroup({ recency, frequency, monetary })).toBe(name);
  });

  it('takes what lies outside for the nearest', () => {
    expect(rfmGroup({ recency: 9, frequency: 9, monetary: 9 })).toBe('Champions');
    expect(rfmGroup({ recency: 0, frequency: -1, monetary: 0 })).toBe('Lost');
  });
});

describe('a plan of features', () => {
  interface Seen extends TimedInput {
    readonly amount: number;
  }
  const seen = (name: string, at: number, amount = 0, receivedAt = at): Seen => ({
    name,
    at,
    amount,
    receivedAt,
  });
  const plan: FeaturePlan<Seen> = [
    { name: 'orders', of: ['Ordered'], windowMs: null, value: (inputs) => inputs.length },
    {
      name: 'spent_lately',
      of: ['Ordered'],
      windowMs: 10,
      value: (inputs) => inputs.reduce((sum, { amount }) => sum + amount, 0),
    },
    {
      name: 'silent_for',
      of: null,
      windowMs: null,
      value: (inputs, now) => now - Math.max(...inputs.map(({ at }) => at)),
    },
  ];

  it('counts what it names, within its window', () => {
    const inputs = [
      seen('Ordered', 80, 5),
      seen('Ordered', 90, 7),
      seen('Ordered', 91, 9),
      seen('Viewed', 97),
    ];
    expect(buildFeatures(plan, inputs, 100)).toEqual({ orders: 3, spent_lately: 9, silent_for: 3 });
  });

  it('refuses what happened after the moment, or was received after it', () => {
    expect(() => buildFeatures(plan, [seen('Ordered', 101)], 100)).toThrow(/looks ahead: Ordered/);
    expect(() => buildFeatures(plan, [seen('Ordered', 90, 1, 101)], 100)).toThrow(/looks ahead/);
    expect(() => {
      assertBeforeSnapshot([seen('Ordered', 100)], 100);
    }).not.toThrow();
  });

  it('says the same of a past moment whatever came since, as long as that is left out', () => {
    const past = [seen('Ordered', 10, 3), seen('Viewed', 12)];
    const all = [...past, seen('Ordered', 50, 99), seen('Ordered', 11, 99, 60)];
    const known = all.filter(({ at, receivedAt }) => at <= 20 && receivedAt <= 20);
    expect(buildFeatures(plan, known, 20)).toEqual(buildFeatures(plan, past, 20));
  });
});
