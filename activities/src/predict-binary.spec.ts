import { describe, expect, it } from '@jest/globals';
import { PredictionSchema } from '@throughline/domain/prediction/schemas';
import { learnBinary } from './predict-binary.js';
import { scoreOf } from './predict-score.js';

const definition = PredictionSchema.parse({
  key: 'churn',
  kind: 'churn',
  event: { name: 'Order Completed' },
  horizonDays: 30,
});
const moments = { learntAt: 1, measuredAt: 2, trainedAt: 3, gates: [] };

/** The longer the silence the likelier the label; `noise` of them are the other way round. */
function people(count: number, noise: number) {
  return Array.from({ length: count }, (_, n) => {
    const silence = (n * 61) % 97;
    const turned = (n * 29) % 100 < noise * 100;
    return {
      customerId: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
      features: { any_days_since_last: silence, count_all: (n * 13) % 11, amount_all: null },
      label: silence > 50 !== turned,
    };
  });
}

describe('what is learnt of labelled customers', () => {
  const later = people(400, 0.1);
  const good = learnBinary({ ...moments, definition, earlier: people(400, 0.1), later });
  const misled = learnBinary({
    ...moments,
    definition: { ...definition, model: 'logistic' },
    earlier: people(400, 0.5),
    later: people(400, 0.5),
  });

  it('is measured on people that it has neither learnt from nor been calibrated by', () => {
    expect(good.card.learntRows).toBe(400);
    expect(good.card.measures.rows).toBe(200);
    expect(good.card.measures.auc).toBeGreaterThan(0.8);
    expect(good.card.baselineRecencyAuc).toBeGreaterThan(0.8);
    expect(good.card.predicts).toBe('The probability of no “Order Completed” within 30 days.');
  });

  it('gives higher scores to those of whom the label is likelier, with the reason', () => {
    const score = (silence: number) =>
      scoreOf(
        { stored: good.stored, definition, at: 0 },
        { customerId: 'c', features: { any_days_since_last: silence, count_all: 5 } },
      );
    expect(score(90).probability).toBeGreaterThan(0.7);
    expect(score(5).probability).toBeLessThan(0.3);
    expect(score(90).reasons[0]).toMatchObject({ feature: 'any_days_since_last', value: 90 });
  });

  it('does not take the place of an older model that is better', () => {
    const worse = learnBinary({
      ...moments,
      definition: { ...definition, model: 'logistic' },
      earlier: people(400, 0.9),
      later,
    });
    // Calibrated by later customers, it turns itself round again; the misled one knows nothing at all.
    expect(worse.contest(good.stored)?.winner).toBe('old');
    expect(good.contest(misled.stored)?.winner).toBe('new');
  });

  it('is not compared with a model of another kind', () => {
    const value = { kind: 'value' as const };
    expect(good.contest({ ...VALUE, ...value })).toBeNull();
  });

  it('may be asked to be of one kind', () => {
    const kinds = (['logistic', 'boosting'] as const).map((model) => {
      const one = { ...definition, model };
      return learnBinary({ ...moments, definition: one, earlier: people(200, 0.1), later }).card
        .method;
    });
    expect(kinds).toEqual(['logistic', 'boosting']);
  });
});

const VALUE = {
  dropout: {
    kind: 'mbg' as const,
    r: 1,
    alpha: 1,
    a: 1,
    b: 1,
    logLikelihood: 0,
    converged: true,
    evaluations: 1,
    noDropout: false,
  },
  spend: { p: 1, q: 2, gamma: 1, logLikelihood: 0, converged: true, evaluations: 1, customers: 1 },
  calibration: { kind: 'none' as const },
  average: { x: 0, tx: 0, T: 0 },
  unitDays: 7,
  cuts: { recency: [], frequency: [], money: [] },
  spreads: [],
};
