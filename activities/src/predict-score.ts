/** A stored model and the numbers kept with a score give the score again: nothing else goes in. */
import {
  calibrated,
  medianTimeToNext,
  predict,
  probabilityOfNoPurchase,
  reasonsOf,
  reasonsOfHistory,
  rfmGroup,
  valueWithin,
} from '@throughline/domain/prediction';
import type {
  PredictionDefinition,
  StoredBinary,
  StoredModel,
  StoredValue,
} from '@throughline/domain/prediction/schemas';
import { assertNever } from '@throughline/domain/shared';
import type { DraftScore } from '@throughline/store/prediction';
import { historyOf } from './predict-value.js';

export interface Scoring {
  readonly stored: StoredModel;
  readonly definition: PredictionDefinition;
  /** ms since epoch: when the features were taken */
  readonly at: number;
}

type Known = Pick<DraftScore, 'customerId' | 'features'>;

const DAY_MS = 86_400_000;
const MOST_REASONS = 3;

export function scoreOf(scoring: Scoring, known: Known): DraftScore {
  const { stored } = scoring;
  switch (stored.kind) {
    case 'binary':
      return binaryScore(stored, known);
    case 'value':
      return valueScore(stored, scoring, known);
    default:
      return assertNever(stored);
  }
}

function binaryScore(stored: StoredBinary, { customerId, features }: Known): DraftScore {
  const probability = predict(stored, features);
  const reasons = reasonsOf(stored, features, MOST_REASONS);
  return { customerId, probability, value: null, reasons, features };
}

function valueScore(
  { dropout, spend, calibration, average, unitDays, cuts }: StoredValue,
  { definition, at }: Scoring,
  { customerId, features }: Known,
): DraftScore {
  const of = (name: string): number => features[name] ?? 0;
  const [repeats, lastDay, days] = [of('repeats'), of('lastDay'), of('days')];
  const history = historyOf({ repeats, lastDay, days }, unitDays);
  const horizon = definition.horizonDays / unitDays;
  const untilNext = medianTimeToNext(dropout, history);
  const spending = { ...history, meanSpend: of('meanSpend') };
  const recency = 6 - fifth(cuts.recency, days - lastDay);
  const frequency = fifth(cuts.frequency, repeats);
  const monetary = fifth(cuts.money, of('totalSpend'));
  return {
    customerId,
    probability: calibrated(calibration, probabilityOfNoPurchase(dropout, history, horizon)),
    value: {
      ...valueWithin({ dropout, spend }, spending, { horizon }),
      nextOrderAt: untilNext === null ? null : nextAt(at, untilNext * unitDays * DAY_MS),
      rfm: `${recency}${frequency}${monetary}`,
      group: rfmGroup({ recency, frequency, monetary }),
    },
    reasons: reasonsOfHistory(dropout, history, { average, horizon, unitDays }),
    features,
  };
}

/** 1 to 5: one more than the cuts that the value lies above. */
function fifth(cuts: readonly number[], value: number): number {
  return 1 + cuts.filter((cut) => value > cut).length;
}

/** What lies decades ahead is no date that anybody plans by. */
function nextAt(at: number, ms: number): number | null {
  return ms > LONGEST_MS ? null : Math.round(at + ms);
}

const LONGEST_MS = 10 * 365 * DAY_MS;
