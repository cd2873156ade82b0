import type pg from 'pg';
import { newId } from '@throughline/store/shared';

/** What a run of scoreChurn would have left; for tests of what the API reads. */
export async function seedModel(sql: pg.Client, workspaceId: string, key: string): Promise<string> {
  const modelId = newId();
  await sql.query(
    `insert into prediction_model (workspace_id, model_id, prediction_key, version, state, trained_at, parameters, card)
     values ($1, $2, $3, 1, 'live', now(), '{}', $4)`,
    [workspaceId, modelId, key, JSON.stringify({ ...CARD, name: key })],
  );
  return modelId;
}

interface SeededScore {
  readonly customerId: string;
  readonly modelId: string;
  readonly key: string;
}

export async function seedScore(
  sql: pg.Client,
  workspaceId: string,
  { customerId, modelId, key }: SeededScore,
): Promise<void> {
  await sql.query(
    `insert into prediction_score (workspace_id, prediction_key, customer_id, run_id, model_id, scored_at, probability, percentile,
                                   band, value, reasons, features)
     values ($1, $2, $3, $4, $5, now(), 0.8125, 0.9, 'high', null, $6, $7)`,
    [
      workspaceId,
      key,
      customerId,
      newId(),
      modelId,
      JSON.stringify([{ feature: 'days_since_last', value: 40, effect: 1.2 }]),
      JSON.stringify({ days_since_last: 40, amount_all: null }),
    ],
  );
}

const CARD = {
  kind: 'churn',
  method: 'logistic',
  predicts: 'The probability of no “Order Completed” within 30 days.',
  horizonDays: 30,
  learntAt: '2026-01-01T00:00:00.000Z',
  measuredAt: '2026-01-31T00:00:00.000Z',
  trainedAt: '2026-03-02T00:00:00.000Z',
  learntRows: 1_200,
  features: ['days_since_last', 'amount_all'],
  parameters: { l2: 1, converged: true },
  gates: [{ gate: 'doers', needed: 100, found: 640, ok: true }],
  calibration: 'platt',
  measures: {
    rows: 600,
    positives: 310,
    auc: 0.81,
    logLoss: 0.52,
    brier: 0.17,
    ece: 0.03,
    lift: [1.8, 1.7, 1.5, 1.2, 1, 0.9, 0.7, 0.5, 0.4, 0.3],
    liftQuality: 0.62,
    averagePrecision: 0.8,
  },
  baselineRecencyAuc: 0.76,
  calibrationBins: [
    { rows: 300, predicted: 0.2, observed: 0.22 },
    { rows: 300, predicted: 0.8, observed: 0.79 },
  ],
  distribution: [80, 70, 60, 50, 40, 40, 50, 60, 70, 80],
  leakage: 'Features hold only what was known.',
  notes: [],
};
