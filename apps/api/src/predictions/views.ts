import { z } from 'zod';
import type { CustomerScore, PredictionRun } from '@throughline/store/prediction';
import { iso, isoOrNull } from '../common/params.js';

const Time = z.iso.datetime();
const Probability = z.number().min(0).max(1);
/** Figures of a model, by name; docs say what each is. */
const Figures = z.record(z.string(), z.json());

export const PredictionRunView = z.object({
  id: z.uuid(),
  prediction: z.string(),
  version: z.int(),
  purpose: z.enum(['train', 'score', 'backtest']),
  state: z.enum(['asked', 'running', 'done', 'refused', 'cancelled']),
  phase: z.enum(['train', 'score', 'publish', 'retire', 'over']),
  at: Time.describe('nothing later is known to it'),
  requestedBy: z.string(),
  requestedAt: Time,
  finishedAt: Time.nullable(),
  gates: z
    .array(z.object({ gate: z.string(), needed: z.number(), found: z.number(), ok: z.boolean() }))
    .describe('what the data must have; one that is not ok refuses the training'),
  modelId: z.uuid().nullable().describe('the model that scores in this run'),
  comparison: Figures.nullable().describe('the new model against the live one'),
  drift: Figures.nullable().describe('how far the numbers have moved since the training'),
  card: Figures.nullable().describe('of a backtest: how the model would have done'),
  scored: z.int(),
  changed: z.int().describe('customers of whom a trait changed'),
  run: z.string().describe('the run in the Temporal UI'),
});

export function predictionRunView(
  row: PredictionRun,
  link: string,
): z.infer<typeof PredictionRunView> {
  const { version, purpose, state, phase, requestedBy, modelId, scored, changed } = row;
  return {
    id: row.runId,
    prediction: row.key,
    version,
    purpose,
    state,
    phase,
    at: iso(row.snapshotAt),
    requestedBy,
    requestedAt: iso(row.requestedAt),
    finishedAt: isoOrNull(row.finishedAt),
    gates: row.gates.map((gate) => ({ ...gate })),
    modelId,
    comparison: figures(row.comparison),
    drift: figures(row.drift),
    card: figures(row.card),
    scored,
    changed,
    run: link,
  };
}

function figures(value: unknown): z.infer<typeof Figures> | null {
  return value === null ? null : Figures.parse(value);
}

export const ModelCardView = z.object({
  modelId: z.uuid(),
  prediction: z.string(),
  version: z.int(),
  trainedAt: Time,
  card: Figures,
});

const Score = z.object({
  prediction: z.string(),
  modelId: z.uuid(),
  runId: z.uuid(),
  at: Time,
  probability: Probability,
  percentile: Probability,
  band: z.string(),
  value: z
    .object({
      expected: z.number(),
      low: z.number(),
      high: z.number(),
      nextOrderAt: Time.nullable(),
      rfm: z.string(),
      group: z.string(),
    })
    .nullable(),
  reasons: z.array(
    z.object({
      feature: z.string(),
      value: z.union([z.number(), z.string()]).nullable(),
      effect: z.number().describe('above 0: for it; below 0: against it'),
    }),
  ),
  features: z.record(z.string(), z.number().nullable()),
});
export const CustomerPredictionsView = z.object({ predictions: z.array(Score) });

export function scoreView(row: CustomerScore): z.infer<typeof Score> {
  const { modelId, runId, probability, percentile, band, value } = row;
  return {
    prediction: row.key,
    modelId,
    runId,
    at: iso(row.scoredAt),
    probability,
    percentile,
    band,
    value: value === null ? null : { ...value, nextOrderAt: isoOrNull(value.nextOrderAt) },
    reasons: row.reasons.map((reason) => ({ ...reason })),
    features: { ...row.features },
  };
}

/** Asking for a look at how a model would have done. */
export const BacktestSchema = z.strictObject({
  at: Time.describe('a past moment; what happened within the horizon after it must be known'),
});
