/**
 * Learns from what customers did: features as of one moment with what came after it, then, a horizon later, the same again. Half of
 * the later customers choose between the models and calibrate; the other half, which nothing has seen, says how good it is.
 */
import {
  calibrate,
  compareModels,
  fitBoosting,
  fitLogistic,
  measureBinary,
  modelCard,
  predictAll,
  rawScores,
  spreadsOf,
  tableOf,
  type BinaryModel,
  type LabelledTable,
  type ScoringModel,
} from '@throughline/domain/prediction';
import type { PredictionDefinition } from '@throughline/domain/prediction/schemas';
import type { KnownCustomer } from '@throughline/store/prediction';
import { factsOf, type Learnt, type Lesson } from './predict-lesson.js';

export interface BinaryLesson extends Lesson {
  readonly earlier: readonly KnownCustomer[];
  readonly later: readonly KnownCustomer[];
}

export function learnBinary(lesson: BinaryLesson): Learnt {
  const { definition, earlier, later } = lesson;
  const [tuning, measured] = halves(later);
  const tune = labelled(tuning);
  const test = labelled(measured);
  const model = bestOf(definition, labelled(earlier), tune);
  const calibration = calibrate(rawScores(model, tune.table), tune.labels);
  const scoring: ScoringModel = { model, calibration };
  const scores = predictAll(scoring, test.table);
  const facts = factsOf(lesson, {
    method: model.kind,
    learntRows: earlier.length,
    features: test.table.columns.map(({ name }) => name),
    calibration: calibration.kind,
    parameters:
      model.kind === 'logistic'
        ? { l2: model.l2, intercept: model.intercept, converged: model.converged }
        : { trees: model.trees.length, learningRate: model.learningRate },
  });
  const recency = Float64Array.from(measured, silenceOf(definition));
  return {
    stored: { kind: 'binary', model, calibration, spreads: spreadsOf(test.table, scores) },
    card: modelCard(facts, { scores, labels: test.labels, recency }),
    contest: (old) =>
      old.kind === 'binary'
        ? compareModels({ old: predictAll(old, test.table), new: scores }, test.labels)
        : null,
  };
}

function halves<T>(all: readonly T[]): readonly [T[], T[]] {
  return [all.filter((_, index) => index % 2 === 0), all.filter((_, index) => index % 2 === 1)];
}

function labelled(customers: readonly KnownCustomer[]): LabelledTable {
  return {
    table: tableOf(customers.map(({ features }) => features)),
    labels: Uint8Array.from(customers, ({ label }) => (label ? 1 : 0)),
  };
}

/** The surer one about people it has not learnt from; of equals the simpler. */
function bestOf(
  { model: wanted }: PredictionDefinition,
  learn: LabelledTable,
  tune: LabelledTable,
): BinaryModel {
  if (wanted === 'logistic') return fitLogistic(learn);
  if (wanted === 'boosting') return fitBoosting(learn, { validation: tune });
  const simple = fitLogistic(learn);
  const boosted = fitBoosting(learn, { validation: tune });
  const lossOf = (model: BinaryModel): number =>
    measureBinary(rawScores(model, tune.table), tune.labels).logLoss;
  return lossOf(boosted) < lossOf(simple) ? boosted : simple;
}

/** The simplest score there is, in the same direction as the label. */
function silenceOf({ kind }: PredictionDefinition): (customer: KnownCustomer) => number {
  const sign = kind === 'propensity' ? -1 : 1;
  return ({ features }) => sign * (features['any_days_since_last'] ?? 0);
}
