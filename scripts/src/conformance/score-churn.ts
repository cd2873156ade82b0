/** Cross-validates both models on a labelled table, everything that learns inside the fold. P12 is one such table. */
import { join } from 'node:path';
import {
  fitBoosting,
  fitLogistic,
  foldRows,
  labelledRows,
  measureBinary,
  rawScores,
  stratifiedFolds,
  type BinaryMeasures,
  type BinaryModel,
  type LabelledTable,
} from '@throughline/domain/prediction';
import { Failure } from '../failure.js';
import { atLeast, within, type Check } from './check.js';
import { readLabelledFeatures } from './labelled-features.js';
import type { ConformanceOptions } from './options.js';

type ChurnOptions = Extract<ConformanceOptions, { kind: 'churn' }>;

const FOLDS = 5;
const SEED = 20_240_229;
const PARAMETERS = {
  logistic: { l2: 1 },
  boosting: { trees: 120, depth: 3, learningRate: 0.1, bins: 64 },
} as const;
/** What public tables of this kind allow without a leak. */
const SUSPICIOUS = 0.87;

const FITS: Readonly<Record<BinaryModel['kind'], (learn: LabelledTable) => BinaryModel>> = {
  logistic: (learn) => fitLogistic(learn, PARAMETERS.logistic),
  boosting: (learn) => fitBoosting(learn, PARAMETERS.boosting),
};

export async function checkChurn(dir: string): Promise<Check[]> {
  const set = await readLabelledFeatures(join(dir, 'Telco-Customer-Churn.csv'), 'Churn');
  return (['logistic', 'boosting'] as const).flatMap((kind) => {
    const { auc } = crossValidated(kind, set);
    return [
      atLeast(`P12 AUC of ${kind}, five folds`, auc, 0.84),
      within(`P12 AUC of ${kind}, no leak`, auc, [0.855, 0.015]),
    ];
  });
}

export async function scoreChurn(
  { csv, label, positive }: ChurnOptions,
  say: (line: string) => void,
): Promise<object> {
  const startedAt = performance.now();
  const set = await readLabelledFeatures(csv, label, positive);
  const { table, labels, dropped } = set;
  for (const { column, why } of dropped) say(`${column}: left out, ${why}`);
  for (const column of table.columns) say(`${column.name}: ${column.kind}`);
  const positives = labels.reduce((sum, each) => sum + each, 0);
  if (Math.min(positives, labels.length - positives) < FOLDS) throw tooFew();
  const [logistic, boosting] = [crossValidated('logistic', set), crossValidated('boosting', set)];
  const best = Math.max(logistic.auc, boosting.auc);
  if (best > SUSPICIOUS)
    say(`An AUC of ${best.toFixed(3)} is high: look whether a feature knows the answer.`);
  return {
    ...{ rows: labels.length, positives, positive: set.positive, features: table.columns.length },
    dropped,
    parameters: { folds: FOLDS, seed: SEED, ...PARAMETERS },
    logistic,
    boosting,
    seconds: Number(((performance.now() - startedAt) / 1_000).toFixed(2)),
    rssMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

interface CrossValidated extends Omit<BinaryMeasures, 'rows' | 'positives'> {
  readonly aucDeviation: number;
  readonly aucOfFolds: readonly number[];
}

/** The AUC is the mean over folds; the other measures are of all rows, each scored by the model that had not seen it. */
function crossValidated(kind: BinaryModel['kind'], set: LabelledTable): CrossValidated {
  const folds = stratifiedFolds(set.labels, FOLDS, SEED);
  const scores = new Float64Array(set.labels.length);
  const aucs = Array.from({ length: FOLDS }, (_, fold) => {
    const { learn, test } = foldRows(folds, fold);
    const model = FITS[kind](labelledRows(set, learn));
    const held = labelledRows(set, test);
    const own = rawScores(model, held.table);
    test.forEach((row, at) => {
      scores[row] = own[at] ?? 0;
    });
    return measureBinary(own, held.labels).auc;
  });
  const auc = aucs.reduce((sum, each) => sum + each, 0) / FOLDS;
  const variance = aucs.reduce((sum, each) => sum + (each - auc) ** 2, 0) / (FOLDS - 1);
  const { logLoss, brier, ece, lift, liftQuality, averagePrecision } = measureBinary(
    scores,
    set.labels,
  );
  return {
    auc: digits(auc),
    aucDeviation: digits(Math.sqrt(variance)),
    aucOfFolds: aucs.map(digits),
    logLoss: digits(logLoss),
    brier: digits(brier),
    ece: digits(ece),
    lift: lift.map(digits),
    liftQuality: digits(liftQuality),
    averagePrecision: digits(averagePrecision),
  };
}

function digits(value: number): number {
  return Number(value.toPrecision(5));
}

function tooFew(): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `Each label needs ${FOLDS} rows at least.`,
    command: 'npm run conformance -- --help',
  });
}
