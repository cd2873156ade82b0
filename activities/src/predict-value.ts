/**
 * Learns how customers come back and what they spend, from their histories alone. Measured by the horizon before the moment: fitted
 * to what was known then, on half of the customers calibrated by what came, on the other half judged. The parameters that score
 * are fitted to all that is known now.
 */
import {
  averageHistory,
  calibrate,
  calibrated,
  compareModels,
  fitGammaGamma,
  fitMbgNbd,
  groupHistories,
  modelCard,
  probabilityOfNoPurchase,
  spendFrequencyCorrelation,
  spreadsOf,
  tableOf,
  type Calibration,
  type DropoutModel,
  type PurchaseHistory as History,
  type SpendModel,
} from '@throughline/domain/prediction';
import type { RfmCuts } from '@throughline/domain/prediction/schemas';
import type { PurchaseHistory } from '@throughline/store/prediction';
import { factsOf, type Learnt, type Lesson } from './predict-lesson.js';

const UNIT_DAYS = 7;
const TOO_DEPENDENT = 0.3;

export interface ValueLesson extends Lesson {
  /** as of `measuredAt`, with what came later, and as of now */
  readonly then: readonly PurchaseHistory[];
  readonly now: readonly PurchaseHistory[];
}

export function historyOf(
  { repeats, lastDay, days }: Pick<PurchaseHistory, 'repeats' | 'lastDay' | 'days'>,
  unitDays: number,
): History {
  return { x: repeats, tx: lastDay / unitDays, T: days / unitDays };
}

export function learnValue(lesson: ValueLesson): Learnt {
  const { definition, then, now } = lesson;
  const horizon = definition.horizonDays / UNIT_DAYS;
  const tuning = then.filter((_, index) => index % 2 === 0);
  const judged = then.filter((_, index) => index % 2 === 1);
  const judge = fitMbgNbd(groupHistories(then.map((each) => historyOf(each, UNIT_DAYS))));
  const calibration = calibrate(silences({ dropout: judge, horizon }, tuning), labelsOf(tuning));
  const scores = silences({ dropout: judge, horizon, calibration }, judged);
  const labels = labelsOf(judged);
  const histories = now.map((each) => historyOf(each, UNIT_DAYS));
  const dropout = fitMbgNbd(groupHistories(histories));
  const spending = now.map(({ repeats, meanSpend }) => ({ x: repeats, meanSpend }));
  const spend = fitGammaGamma(spending);
  const correlation = spendFrequencyCorrelation(spending);
  const facts = factsOf(lesson, {
    method: 'MBG/NBD and gamma–gamma',
    learntRows: now.length,
    features: ['repeats', 'lastDay', 'days', 'meanSpend', 'totalSpend'],
    calibration: calibration.kind,
    parameters: { ...parametersOf(dropout, spend), spendFrequencyCorrelation: correlation },
    notes: Math.abs(correlation) > TOO_DEPENDENT ? [DEPENDENT] : [],
  });
  const recency = Float64Array.from(judged, ({ days, lastDay }) => days - lastDay);
  return {
    stored: {
      kind: 'value',
      dropout,
      spend,
      calibration,
      average: averageHistory(histories),
      unitDays: UNIT_DAYS,
      cuts: cutsOf(now),
      spreads: spreadsOf(
        tableOf(now.map(featuresOf)),
        silences({ dropout, horizon, calibration }, now),
      ),
    },
    card: modelCard(facts, { scores, labels, recency }),
    contest: (old) => {
      if (old.kind !== 'value') return null;
      const theirs = silences({ ...old, horizon }, judged);
      return compareModels({ old: theirs, new: scores }, labels);
    },
  };
}

function parametersOf({ r, alpha, a, b, ...dropout }: DropoutModel, spend: SpendModel) {
  const { p, q, gamma } = spend;
  return { r, alpha, a, b, p, q, gamma, converged: dropout.converged && spend.converged };
}

const DEPENDENT =
  'Who buys often spends otherwise than who buys seldom: expected values are rough.';

/** The numbers that a score is made of, and kept with it. */
export function featuresOf({
  repeats,
  lastDay,
  days,
  meanSpend,
  totalSpend,
}: PurchaseHistory): Record<string, number> {
  return { repeats, lastDay, days, meanSpend, totalSpend };
}

interface Silence {
  readonly dropout: DropoutModel;
  readonly horizon: number;
  readonly calibration?: Calibration;
}

function silences(
  { dropout, horizon, calibration = { kind: 'none' } }: Silence,
  customers: readonly PurchaseHistory[],
): Float64Array {
  return Float64Array.from(customers, (each) =>
    calibrated(calibration, probabilityOfNoPurchase(dropout, historyOf(each, UNIT_DAYS), horizon)),
  );
}

function labelsOf(customers: readonly PurchaseHistory[]): Uint8Array {
  return Uint8Array.from(customers, ({ later }) => (later === 0 ? 1 : 0));
}

function cutsOf(customers: readonly PurchaseHistory[]): RfmCuts {
  const fifths = (of: (customer: PurchaseHistory) => number): number[] => {
    const sorted = Float64Array.from(customers, of).sort();
    return [1, 2, 3, 4].map((n) => sorted[Math.floor((n * sorted.length) / 5)] ?? 0);
  };
  return {
    recency: fifths(({ days, lastDay }) => days - lastDay),
    frequency: fifths(({ repeats }) => repeats),
    money: fifths(({ totalSpend }) => totalSpend),
  };
}
