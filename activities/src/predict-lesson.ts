/** What both kinds of models are learnt by, and what they leave behind. */
import type { CardFacts, Gate, ModelCard, ModelContest } from '@throughline/domain/prediction';
import type { PredictionDefinition, StoredModel } from '@throughline/domain/prediction/schemas';

export interface Lesson {
  readonly definition: PredictionDefinition;
  readonly gates: readonly Gate[];
  /** ms since epoch: what is learnt is known then, what it is measured by comes after the second */
  readonly learntAt: number;
  readonly measuredAt: number;
  readonly trainedAt: number;
}

export interface Learnt {
  readonly stored: StoredModel;
  readonly card: ModelCard;
  /** both score people whom this one has not learnt from; null where they are of different kinds */
  readonly contest: (old: StoredModel) => ModelContest | null;
}

type Own = Pick<CardFacts, 'method' | 'learntRows' | 'features' | 'calibration' | 'parameters'> & {
  readonly notes?: readonly string[];
};

export function factsOf(
  { definition, gates, learntAt, measuredAt, trainedAt }: Lesson,
  own: Own,
): CardFacts {
  const { key, name, kind, horizonDays } = definition;
  return {
    ...own,
    name: name ?? key,
    kind,
    predicts: sentenceOf(definition),
    horizonDays,
    learntAt: new Date(learntAt).toISOString(),
    measuredAt: new Date(measuredAt).toISOString(),
    trainedAt: new Date(trainedAt).toISOString(),
    gates,
  };
}

function sentenceOf({ kind, event, label, horizonDays }: PredictionDefinition): string {
  const did = label?.did ?? kind === 'propensity';
  const what = kind === 'value' ? event.name : (label?.event ?? event.name);
  return did
    ? `The probability of at least one “${what}” within ${horizonDays} days.`
    : `The probability of no “${what}” within ${horizonDays} days.`;
}
