/** A stored model, as JSON through and through: read back, it gives the very scores that it gave before. */
import { z } from 'zod';
import type { FeatureSpread } from './drift.js';
import type {
  BinaryModel,
  Calibration as Calibrated,
  DropoutModel,
  PurchaseHistory,
  SpendModel,
} from './types.js';

export type StoredModel = StoredBinary | StoredValue;

export interface StoredBinary {
  readonly kind: 'binary';
  readonly model: BinaryModel;
  readonly calibration: Calibrated;
  readonly spreads: readonly FeatureSpread[];
}

export interface StoredValue {
  readonly kind: 'value';
  readonly dropout: DropoutModel;
  readonly spend: SpendModel;
  readonly calibration: Calibrated;
  /** whom reasons compare with */
  readonly average: PurchaseHistory;
  readonly unitDays: number;
  readonly cuts: RfmCuts;
  readonly spreads: readonly FeatureSpread[];
}

/** Four of each part the population in fifths: a value is scored by how many of them it lies above. */
export interface RfmCuts {
  readonly recency: readonly number[];
  readonly frequency: readonly number[];
  readonly money: readonly number[];
}

const number = z.number();
const numbers = z.array(number);
const name = z.string();

const Coding = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('number'),
    name,
    mean: number,
    deviation: number,
    median: number,
    hasMissing: z.boolean(),
  }),
  z.object({ kind: z.literal('category'), name, levels: z.array(z.string()) }),
]);

const Binning = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('number'), name, cuts: numbers }),
  z.object({ kind: z.literal('category'), name, levels: z.array(z.string()) }),
]);

const Tree = z.object({
  feature: numbers,
  split: numbers,
  left: numbers,
  right: numbers,
  value: numbers,
});

const Binary = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('logistic'),
    codings: z.array(Coding),
    intercept: number,
    weights: numbers,
    l2: number,
    iterations: number,
    converged: z.boolean(),
  }),
  z.object({
    kind: z.literal('boosting'),
    binnings: z.array(Binning),
    intercept: number,
    trees: z.array(Tree),
    learningRate: number,
  }),
]);

const Calibration = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('platt'), slope: number, intercept: number }),
  z.object({ kind: z.literal('isotonic'), scores: numbers, shares: numbers }),
]);

const Dropout = z.object({
  kind: z.enum(['bg', 'mbg']),
  r: number,
  alpha: number,
  a: number,
  b: number,
  logLikelihood: number,
  converged: z.boolean(),
  evaluations: number,
  noDropout: z.boolean(),
});

const Spend = z.object({
  p: number,
  q: number,
  gamma: number,
  logLikelihood: number,
  converged: z.boolean(),
  evaluations: number,
  customers: number,
});

const Cuts = z.object({ recency: numbers, frequency: numbers, money: numbers });

/** How features and scores were spread when it learnt: what drift is measured from. */
const Spreads = z.array(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('number'), name, cuts: numbers, shares: numbers }),
    z.object({
      kind: z.literal('category'),
      name,
      levels: z.array(z.string()),
      shares: numbers,
    }),
  ]),
);

export const StoredModelSchema: z.ZodType<StoredModel> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('binary'),
    model: Binary,
    calibration: Calibration,
    spreads: Spreads,
  }),
  z.object({
    kind: z.literal('value'),
    dropout: Dropout,
    spend: Spend,
    calibration: Calibration,
    average: z.object({ x: number, tx: number, T: number }),
    unitDays: number,
    cuts: Cuts,
    spreads: Spreads,
  }),
]);
