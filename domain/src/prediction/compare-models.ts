/** Whether a new model takes the place of the old. */
import { measureBinary } from './measure.js';

export interface ModelContest {
  readonly winner: 'old' | 'new';
  readonly why: string;
  readonly averagePrecision: { readonly old: number; readonly new: number };
  readonly logLoss: { readonly old: number; readonly new: number };
}

const LEAST_PRECISION = 0.9;
const MOST_LOSS = 1.05;

/**
 * Both score the same people, whom neither has learnt from. The new one wins, being fresher, unless its average precision falls to
 * nine tenths of the old one's or below, or its log loss is more than a twentieth higher.
 */
export function compareModels(
  scores: { readonly old: Float64Array; readonly new: Float64Array },
  labels: Uint8Array,
): ModelContest {
  const [old, fresh] = [measureBinary(scores.old, labels), measureBinary(scores.new, labels)];
  const figures = {
    averagePrecision: { old: old.averagePrecision, new: fresh.averagePrecision },
    logLoss: { old: old.logLoss, new: fresh.logLoss },
  };
  if (fresh.averagePrecision <= LEAST_PRECISION * old.averagePrecision)
    return { winner: 'old', why: 'average precision of the new model is too low', ...figures };
  if (fresh.logLoss > MOST_LOSS * old.logLoss)
    return { winner: 'old', why: 'log loss of the new model is too high', ...figures };
  return { winner: 'new', why: 'the new model is as good or better', ...figures };
}
