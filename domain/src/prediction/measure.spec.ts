import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { calibrationBins, measureBinary } from './measure.js';

function measured(scores: readonly number[], labels: readonly number[]) {
  return measureBinary(Float64Array.from(scores), Uint8Array.from(labels));
}

const people = fc.array(
  fc.tuple(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.constantFrom(0, 1)),
  { minLength: 2, maxLength: 60 },
);

describe('measureBinary', () => {
  it('gives a perfect order the best of everything', () => {
    const found = measured([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]);
    expect(found).toMatchObject({ rows: 4, positives: 2, auc: 1, averagePrecision: 1 });
    expect(found.liftQuality).toBeCloseTo(1, 12);
    expect(measured([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0]).auc).toBe(0);
  });

  it('counts pairs in order, ties by half', () => {
    expect(measured([0.8, 0.6, 0.4, 0.2], [1, 0, 1, 0]).auc).toBe(0.75);
    expect(measured([0.5, 0.5, 0.4], [1, 0, 0]).auc).toBe(0.75);
    expect(measured([0.5, 0.5], [1, 1]).auc).toBe(0.5);
  });

  it('gives log loss, Brier score and average precision as by hand', () => {
    const found = measured([0.8, 0.6, 0.4], [1, 0, 1]);
    expect(found.logLoss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.4) + Math.log(0.4)) / 3, 12);
    expect(found.brier).toBeCloseTo((0.04 + 0.36 + 0.36) / 3, 12);
    expect(found.averagePrecision).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });

  it('gives lift by tenths and its quality as by hand', () => {
    const scores = Array.from({ length: 10 }, (_, at) => 1 - at / 10);
    const found = measured(scores, [1, 1, 0, 0, 1, 0, 0, 1, 0, 0]);
    expect(found.lift.map((each) => Number(each.toFixed(6)))).toEqual([
      2.5, 2.5, 0, 0, 2.5, 0, 0, 2.5, 0, 0,
    ]);
    const gains = [1, 2, 2, 2, 3, 3, 3, 4, 4, 4];
    const mean = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0) / 10;
    const own = mean(gains.map((gain, at) => (gain / 4) * (10 / (at + 1))));
    const best = mean(gains.map((_, at) => (Math.min(at + 1, 4) / 4) * (10 / (at + 1))));
    expect(found.liftQuality).toBeCloseTo((own - 1) / (best - 1), 12);
  });

  it('finds no lift, and no quality, where all scores are equal', () => {
    const found = measured(new Array<number>(20).fill(0.3), [
      ...new Array<number>(5).fill(1),
      ...new Array<number>(15).fill(0),
    ]);
    for (const each of found.lift) expect(each).toBeCloseTo(1, 12);
    expect(found.liftQuality).toBeCloseTo(0, 12);
    expect(found.averagePrecision).toBeCloseTo(0.25, 12);
    expect(found.ece).toBeCloseTo(0.05, 12);
  });

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(people, (rows) => {
        const of = (list: typeof rows) => {
          const { auc, ece, lift, liftQuality, averagePrecision } = measured(
            list.map(([score]) => score),
            list.map(([, label]) => label),
          );
          return [auc, ece, ...lift, liftQuality, averagePrecision].map((each) => each.toFixed(9));
        };
        expect(of([...rows].reverse())).toEqual(of(rows));
      }),
    );
  });

  it('keeps every measure within its bounds', () => {
    fc.assert(
      fc.property(people, (rows) => {
        const found = measured(
          rows.map(([score]) => score),
          rows.map(([, label]) => label),
        );
        for (const each of [found.auc, found.brier, found.ece, found.averagePrecision]) {
          expect(each).toBeGreaterThanOrEqual(0);
          expect(each).toBeLessThanOrEqual(1 + 1e-12);
        }
        expect(found.liftQuality).toBeLessThanOrEqual(1 + 1e-12);
        expect(found.lift).toHaveLength(10);
      }),
    );
  });
});

describe('calibrationBins', () => {
  it('are tenths from the lowest scores up, empty ones left out', () => {
    const bins = calibrationBins(Float64Array.of(0.9, 0.1, 0.5), Uint8Array.of(1, 0, 1));
    expect(bins).toEqual([
      { rows: 1, predicted: 0.1, observed: 0 },
      { rows: 1, predicted: 0.5, observed: 1 },
      { rows: 1, predicted: 0.9, observed: 1 },
    ]);
  });
});
