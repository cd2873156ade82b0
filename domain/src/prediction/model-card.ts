/** What a model is, how good it is and where not to trust it, in one document. */
import { calibrationBins, measureBinary, type CalibrationBin } from './measure.js';
import type { BinaryMeasures, Gate } from './types.js';

export interface CardFacts {
  readonly name: string;
  readonly kind: 'value' | 'churn' | 'propensity';
  readonly method: string;
  /** what a high probability means, in a sentence */
  readonly predicts: string;
  readonly horizonDays: number;
  /** ISO times: when features were taken for learning, and for the later people it is measured on */
  readonly learntAt: string;
  readonly measuredAt: string;
  readonly trainedAt: string;
  readonly learntRows: number;
  readonly features: readonly string[];
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  readonly gates: readonly Gate[];
  readonly calibration: string;
  readonly notes?: readonly string[];
}

export interface MeasuredPeople {
  readonly scores: Float64Array;
  readonly labels: Uint8Array;
  /** a score of the simplest kind: how long somebody has been silent */
  readonly recency: Float64Array;
}

export interface ModelCard extends Omit<CardFacts, 'notes'> {
  readonly measures: BinaryMeasures;
  readonly baselineRecencyAuc: number;
  readonly calibrationBins: readonly CalibrationBin[];
  /** how many people have a probability within each tenth from 0 to 1 */
  readonly distribution: readonly number[];
  readonly leakage: string;
  readonly notes: readonly string[];
}

const LEAKAGE =
  'Features hold only what had happened and had been received by the moment they were taken at; the label only what came after it.';
const SUSPICIOUS_AUC = 0.95;
const TENTHS = 10;

export function modelCard(facts: CardFacts, people: MeasuredPeople): ModelCard {
  const { scores, labels, recency } = people;
  const measures = measureBinary(scores, labels);
  const baselineRecencyAuc = measureBinary(recency, labels).auc;
  return {
    ...facts,
    measures,
    baselineRecencyAuc,
    calibrationBins: calibrationBins(scores, labels),
    distribution: distributionOf(scores),
    leakage: LEAKAGE,
    notes: [...(facts.notes ?? []), ...notesOn(measures, baselineRecencyAuc)],
  };
}

function distributionOf(scores: Float64Array): number[] {
  const counts = new Array<number>(TENTHS).fill(0);
  for (const score of scores) {
    const tenth = Math.min(TENTHS - 1, Math.max(0, Math.floor(score * TENTHS)));
    counts[tenth] = (counts[tenth] ?? 0) + 1;
  }
  return counts;
}

function notesOn({ auc, ece }: BinaryMeasures, baseline: number): string[] {
  return [
    ...(auc > SUSPICIOUS_AUC
      ? ['It ranks suspiciously well: look whether a feature knows the answer.']
      : []),
    ...(auc <= baseline ? ['Silence alone ranks as well as this model.'] : []),
    ...(ece > 0.1 ? ['Its probabilities are off by more than a tenth: rank by it only.'] : []),
  ];
}
