import { describe, expect, it } from '@jest/globals';
import { fitBoosting } from './boosting.js';
import { calibrate } from './calibrate.js';
import { rowAt } from './feature-table.js';
import { fitLogistic } from './logistic.js';
import { measureBinary } from './measure.js';
import { predict, predictAll, rawScore, rawScores, reasonsOf } from './scoring.js';
import { people } from './testing/labelled.js';
import type { BinaryModel, FeatureRow, ScoringModel } from './types.js';

const learnt = people(4_000, 1);
const later = people(4_000, 2);
const MODELS: readonly (readonly [string, BinaryModel])[] = [
  ['logistic regression', fitLogistic(learnt)],
  ['boosted trees', fitBoosting(learnt, { trees: 60 })],
];

describe.each(MODELS)('%s', (_, model) => {
  const plain: ScoringModel = { model, calibration: { kind: 'none' } };

  it('ranks people it has not seen nearly as well as can be', () => {
    const { auc } = measureBinary(rawScores(model, later.table), later.labels);
    const best = measureBinary(later.truth, later.labels).auc;
    expect(best - auc).toBeLessThan(0.015);
  });

  it('says probabilities that are near the truth', () => {
    const apart = rawScores(model, later.table).map((score, at) =>
      Math.abs(score - (later.truth[at] ?? 0)),
    );
    expect(apart.reduce((sum, each) => sum + each, 0) / apart.length).toBeLessThan(0.06);
  });

  it('gives the same score after it and the row were stored', () => {
    const calibration = calibrate(rawScores(model, later.table), later.labels);
    const whole: ScoringModel = { model, calibration };
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
    const stored = structuredClone(whole);
    for (const row of later.rows.slice(0, 200)) {
      const again: FeatureRow = structuredClone(row);
      expect(predict(stored, again)).toBe(predict(whole, row));
    }
    expect(predictAll(stored, later.table)).toEqual(predictAll(whole, later.table));
  });

  it('is the same model from the same rows', () => {
    const again =
      model.kind === 'logistic' ? fitLogistic(learnt) : fitBoosting(learnt, { trees: 60 });
    expect(again).toEqual(model);
  });

  it('names as reasons what matters, in both directions', () => {
    const row = { days: 99, plan: 'b', spend: 100, noise: 0.5 };
    const [first, second] = reasonsOf(plain, row);
    expect([first?.feature, second?.feature].sort()).toEqual(['days', 'plan']);
    expect(first?.effect).toBeGreaterThan(0);
    const [calm] = reasonsOf(plain, { ...row, days: 0, plan: 'a' }, 1);
    expect(calm).toMatchObject({ feature: 'days', value: 0 });
    expect(calm?.effect).toBeLessThan(0);
  });

  it('gives as many reasons as asked for, the strongest first', () => {
    const row = rowAt(later.table, 3);
    const reasons = reasonsOf(plain, row, 4);
    expect(reasons.length).toBeLessThanOrEqual(4);
    const sizes = reasons.map(({ effect }) => Math.abs(effect));
    expect([...sizes].sort((p, q) => q - p)).toEqual(sizes);
    expect(reasonsOf(plain, row, 1)).toEqual(reasons.slice(0, 1));
  });

  it('takes a row with nothing known, and levels it never saw', () => {
    for (const row of [{}, { plan: 'z', days: 1e9, spend: -1e9 }, { days: null, plan: null }]) {
      expect(rawScore(model, row)).toBeGreaterThan(0);
      expect(rawScore(model, row)).toBeLessThanOrEqual(1);
    }
  });
});

describe('logistic regression', () => {
  it('finds the weights that people lived by', () => {
    const model = fitLogistic(learnt, { l2: 0.01 });
    expect(model.converged).toBe(true);
    const at = (row: FeatureRow): number => {
      const share = rawScore(model, row);
      return Math.log(share / (1 - share));
    };
    const base = { days: 50, plan: 'a', spend: 100, noise: 0.5 };
    expect((at({ ...base, days: 60 }) - at(base)) / 10).toBeCloseTo(0.04, 2);
    expect(at({ ...base, plan: 'b' }) - at(base)).toBeCloseTo(1.2, 0);
    expect(at({ ...base, spend: null }) - at(base)).toBeCloseTo(0.8, 0);
  });

  it('stays finite where a feature parts the labels cleanly, or two say the same', () => {
    const labels = Uint8Array.from({ length: 100 }, (_, at) => (at < 50 ? 0 : 1));
    const values = Float64Array.from({ length: 100 }, (_, at) => at);
    const columns = ['one', 'same'].map((name) => ({ kind: 'number' as const, name, values }));
    const { weights } = fitLogistic({ table: { rows: 100, columns }, labels });
    for (const weight of weights) expect(Number.isFinite(weight)).toBe(true);
    expect(weights[0]).toBeCloseTo(weights[1] ?? Number.NaN, 6);
  });
});

describe('boosted trees', () => {
  it('stop growing when a later fold learns nothing more', () => {
    const stopped = fitBoosting(learnt, { trees: 400, learningRate: 0.3, validation: later });
    expect(stopped.trees.length).toBeGreaterThan(3);
    expect(stopped.trees.length).toBeLessThan(200);
  });

  it('see what no straight line sees', () => {
    const rows = Array.from({ length: 400 }, (_, at) => ({ p: at % 2, q: (at >> 1) % 2 }));
    const labels = Uint8Array.from(rows, ({ p, q }) => (p === q ? 1 : 0));
    const columns = (['p', 'q'] as const).map((name) => ({
      kind: 'number' as const,
      name,
      values: Float64Array.from(
        rows,
        (row) => row[name] + (name === 'q' && row.p === 1 ? 0.001 : 0),
      ),
    }));
    const set = { table: { rows: 400, columns }, labels };
    expect(measureBinary(rawScores(fitBoosting(set), set.table), labels).auc).toBeGreaterThan(0.99);
  });

  it('grow no tree where there is nothing to tell apart', () => {
    const labels = Uint8Array.from({ length: 60 }, (_, at) => at % 2);
    const columns = [
      { kind: 'number' as const, name: 'same', values: new Float64Array(60).fill(3) },
    ];
    const { trees } = fitBoosting({ table: { rows: 60, columns }, labels }, { trees: 3 });
    expect(trees.every(({ feature }) => feature.length === 1)).toBe(true);
  });
});
