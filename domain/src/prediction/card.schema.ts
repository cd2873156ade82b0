/** A stored card, read back for the page, the document and the pictures that are made of it. */
import { z } from 'zod';

const number = z.number();
const Gate = z.object({ gate: z.string(), needed: number, found: number, ok: z.boolean() });

export const ModelCardSchema = z.object({
  name: z.string(),
  kind: z.enum(['value', 'churn', 'propensity']),
  method: z.string(),
  predicts: z.string(),
  horizonDays: number,
  learntAt: z.string(),
  measuredAt: z.string(),
  trainedAt: z.string(),
  learntRows: number,
  features: z.array(z.string()),
  parameters: z.record(z.string(), z.union([number, z.string(), z.boolean()])),
  gates: z.array(Gate),
  calibration: z.string(),
  measures: z.object({
    rows: number,
    positives: number,
    auc: number,
    logLoss: number,
    brier: number,
    ece: number,
    lift: z.array(number),
    liftQuality: number,
    averagePrecision: number,
  }),
  baselineRecencyAuc: number,
  calibrationBins: z.array(z.object({ rows: number, predicted: number, observed: number })),
  distribution: z.array(number),
  leakage: z.string(),
  notes: z.array(z.string()),
});
