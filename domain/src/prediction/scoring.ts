/** A stored model, a row of features, a probability, and why: the same numbers again whenever they are asked for. */
import { boostingMargin, boostingReasons } from './boosting.js';
import { calibrated } from './calibrate.js';
import { rowAt } from './feature-table.js';
import { logisticMargin, logisticReasons } from './logistic.js';
import { sigmoid } from './special-functions.js';
import type { BinaryModel, FeatureRow, FeatureTable, Reason, ScoringModel } from './types.js';

/** Before calibration. */
export function rawScore(model: BinaryModel, row: FeatureRow): number {
  switch (model.kind) {
    case 'logistic':
      return sigmoid(logisticMargin(model, row));
    case 'boosting':
      return sigmoid(boostingMargin(model, row));
  }
}

export function rawScores(model: BinaryModel, table: FeatureTable): Float64Array {
  return Float64Array.from({ length: table.rows }, (_, at) => rawScore(model, rowAt(table, at)));
}

export function predict({ model, calibration }: ScoringModel, row: FeatureRow): number {
  return calibrated(calibration, rawScore(model, row));
}

export function predictAll(model: ScoringModel, table: FeatureTable): Float64Array {
  return Float64Array.from({ length: table.rows }, (_, at) => predict(model, rowAt(table, at)));
}

const USUAL_REASONS = 3;

/** The features that moved this score most, either way; effects are in log-odds, before calibration. */
export function reasonsOf(
  { model }: ScoringModel,
  row: FeatureRow,
  most: number = USUAL_REASONS,
): Reason[] {
  const all = model.kind === 'logistic' ? logisticReasons(model, row) : boostingReasons(model, row);
  return all
    .filter(({ effect }) => effect !== 0)
    .sort((p, q) => Math.abs(q.effect) - Math.abs(p.effect))
    .slice(0, most);
}
