import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  calibrate,
  fitBoosting,
  fitLogistic,
  predict,
  rawScores,
  reasonsOf,
  spreadsOf,
  tableOf,
  type FeatureRow,
} from './index.js';
import { PredictionSchema, StoredModelSchema } from './schemas.js';

const ROWS = Array.from({ length: 240 }, (_, n) => ({
  days: (n * 37) % 101,
  spend: n % 5 === 0 ? null : (n * 17.3) % 89,
  plan: ['free', 'pro', 'team'][n % 3] ?? null,
}));
const LABELS = Uint8Array.from(ROWS, ({ days }, n) => (days + (n % 7) * 6 > 70 ? 1 : 0));
const LEARN = { table: tableOf(ROWS), labels: LABELS };
const MODELS = [fitLogistic(LEARN), fitBoosting(LEARN, { trees: 20 })];

const row: fc.Arbitrary<FeatureRow> = fc.record({
  days: fc.option(fc.double({ min: 0, max: 500, noNaN: true })),
  spend: fc.option(fc.double({ min: 0, max: 500, noNaN: true })),
  plan: fc.option(fc.constantFrom('free', 'pro', 'team', 'unheard of')),
});

describe('a stored model', () => {
  it.each(MODELS.map((model) => [model.kind, model] as const))(
    'of the kind %s gives the same score and reasons again after it was written and read',
    (_kind, model) => {
      const scores = rawScores(model, LEARN.table);
      const calibration = calibrate(scores, LABELS);
      const spreads = spreadsOf(LEARN.table, scores);
      const stored = { kind: 'binary' as const, model, calibration, spreads };
      const read = StoredModelSchema.parse(JSON.parse(JSON.stringify(stored)));
      expect(read).toEqual(stored);
      if (read.kind !== 'binary') throw new TypeError('it is another kind');
      fc.assert(
        fc.property(row, (features) => {
          expect(predict(read, features)).toBe(predict(stored, features));
          expect(reasonsOf(read, features)).toEqual(reasonsOf(stored, features));
        }),
      );
    },
  );

  it('that is none of ours is refused', () => {
    expect(StoredModelSchema.safeParse({ kind: 'forest' }).success).toBe(false);
  });
});

describe('a definition', () => {
  const least = { key: 'churn', kind: 'churn', event: { name: 'Order Completed' } };

  it('needs little: the rest is as most want it', () => {
    expect(PredictionSchema.parse(least)).toMatchObject({
      horizonDays: 90,
      lookbackDays: 365,
      schedule: { everyHours: 168 },
      bands: { medium: 0.5, high: 0.75 },
      model: 'auto',
      features: { events: [] },
      gates: {},
    });
  });

  it.each([
    [{ kind: 'value' }, 'event.amount'],
    [{ horizonDays: 60, lookbackDays: 30 }, 'lookbackDays'],
    [{ bands: { medium: 0.9, high: 0.8 } }, 'bands'],
    [{ event: { name: 'x', amount: '.total' } }, 'event.amount'],
  ])('with %j is refused for %s', (more, path) => {
    const parsed = PredictionSchema.safeParse({ ...least, ...more });
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});
