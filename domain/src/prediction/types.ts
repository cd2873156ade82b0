/** What predictions are made of and what they leave behind; everything here is JSON or columns of numbers. */

/** One customer's purchases: repeats (distinct days less one), last repeat and age since the first, in units of the model. */
export interface PurchaseHistory {
  readonly x: number;
  readonly tx: number;
  readonly T: number;
}

/** Equal histories once, with how many customers have them. Columns, since there may be hundreds of thousands. */
export interface PurchaseGroups {
  readonly size: number;
  readonly x: Float64Array;
  readonly tx: Float64Array;
  readonly T: Float64Array;
  readonly n: Float64Array;
}

/** `bg`: nobody leaves before the first repeat. `mbg`: one may leave right after the first order; what we recommend. */
export type DropoutKind = 'bg' | 'mbg';

export interface DropoutModel {
  readonly kind: DropoutKind;
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
  readonly logLikelihood: number;
  readonly converged: boolean;
  readonly evaluations: number;
  /** nobody seems to leave: r and alpha are those of plain NBD, a is 0 and b 1 */
  readonly noDropout: boolean;
}

/** Average spend of one order; `customers` is how many it was learnt from. */
export interface SpendModel {
  readonly p: number;
  readonly q: number;
  readonly gamma: number;
  readonly logLikelihood: number;
  readonly converged: boolean;
  readonly evaluations: number;
  readonly customers: number;
}

export type FeatureValue = number | string | null;
/** What is known of one customer; a feature that is absent is missing, as null is. */
export type FeatureRow = Readonly<Record<string, FeatureValue>>;

export type FeatureColumn =
  | { readonly kind: 'number'; readonly name: string; readonly values: Float64Array }
  | {
      readonly kind: 'category';
      readonly name: string;
      readonly values: readonly (string | null)[];
    };

/** Missing numbers are NaN. */
export interface FeatureTable {
  readonly rows: number;
  readonly columns: readonly FeatureColumn[];
}

export interface LabelledTable {
  readonly table: FeatureTable;
  /** 1: did what is predicted */
  readonly labels: Uint8Array;
}

export type FeatureCoding =
  | {
      readonly kind: 'number';
      readonly name: string;
      readonly mean: number;
      readonly deviation: number;
      /** stands in for a missing value */
      readonly median: number;
      readonly hasMissing: boolean;
    }
  | { readonly kind: 'category'; readonly name: string; readonly levels: readonly string[] };

export interface LogisticModel {
  readonly kind: 'logistic';
  readonly codings: readonly FeatureCoding[];
  readonly intercept: number;
  readonly weights: readonly number[];
  readonly l2: number;
  readonly iterations: number;
  readonly converged: boolean;
}

export type FeatureBinning =
  | { readonly kind: 'number'; readonly name: string; readonly cuts: readonly number[] }
  | { readonly kind: 'category'; readonly name: string; readonly levels: readonly string[] };

/** Nodes by number, 0 the root; a leaf has feature -1. Each node knows the value it would give as a leaf. */
export interface Tree {
  readonly feature: readonly number[];
  /** bins up to and with this one go left */
  readonly split: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
}

export interface BoostingModel {
  readonly kind: 'boosting';
  readonly binnings: readonly FeatureBinning[];
  readonly intercept: number;
  readonly trees: readonly Tree[];
  readonly learningRate: number;
}

export type BinaryModel = LogisticModel | BoostingModel;

export type Calibration =
  | { readonly kind: 'none' }
  | { readonly kind: 'platt'; readonly slope: number; readonly intercept: number }
  | {
      readonly kind: 'isotonic';
      readonly scores: readonly number[];
      readonly shares: readonly number[];
    };

/** What scores people: JSON through and through, so that a stored model and a stored row give the same score again. */
export interface ScoringModel {
  readonly model: BinaryModel;
  readonly calibration: Calibration;
}

export interface BinaryMeasures {
  readonly rows: number;
  readonly positives: number;
  readonly auc: number;
  readonly logLoss: number;
  readonly brier: number;
  /** expected calibration error over tenths of equal size */
  readonly ece: number;
  /** share of positives in each tenth, best scores first, over the share in all */
  readonly lift: readonly number[];
  readonly liftQuality: number;
  readonly averagePrecision: number;
}

/** Why a score is what it is: positive effects raise it. */
export interface Reason {
  readonly feature: string;
  readonly value: FeatureValue;
  readonly effect: number;
}

export interface Gate {
  readonly gate: string;
  readonly needed: number;
  readonly found: number;
  readonly ok: boolean;
}

export type Band = 'low' | 'medium' | 'high';
