/**
 * The first half of a run of scoreChurn: looks whether the data will do, trains, and lets the better of old and new be live. What it
 * decides is written in one transaction under the run's lock, so that an attempt that is repeated finds it done or does it whole.
 */
import {
  labelGates,
  purchaseGates,
  type Gate,
  type ModelContest,
} from '@throughline/domain/prediction';
import { StoredModelSchema } from '@throughline/domain/prediction/schemas';
import { parseJson, isJsonObject, type JsonObject } from '@throughline/domain/shared';
import {
  changePredictionRun,
  closePredictionRun,
  lockPredictionRun,
  readHistoryFacts,
  readLiveModel,
  writeModel,
  type PredictionModel,
  type PredictionRun,
} from '@throughline/store/prediction';
import { derivedId, inWorkspace, type Queryable } from '@throughline/store/shared';
import { learnBinary } from './predict-binary.js';
import { readAllKnown, readAllPurchases, type Reading } from './predict-data.js';
import type { Learnt, Lesson } from './predict-lesson.js';
import { learnValue } from './predict-value.js';

export interface Training extends Reading {
  readonly run: PredictionRun;
}

const DAY_MS = 86_400_000;

export async function train(training: Training): Promise<void> {
  const { pool, workspaceId, run, definition } = training;
  const live = await inWorkspace(pool, workspaceId, (client) =>
    readLiveModel(client, workspaceId, run.key),
  );
  const usable = run.purpose === 'score' && live !== null && live.version === run.version;
  const fresh = live !== null && run.snapshotAt < live.trainedAt + definition.retrainDays * DAY_MS;
  if (usable && fresh) return decide(training, (client) => scoreWith(client, training, live));
  const { gates, learn } = await look(training);
  if (gates.every(({ ok }) => ok)) return keepBetter(training, { learnt: learn(), live, gates });
  // A model that was good enough goes on scoring; that it could not be trained anew is there to be seen.
  return decide(training, async (client) => {
    await changePredictionRun(client, place(training), { gates });
    if (usable) await scoreWith(client, training, live);
    else await closePredictionRun(client, place(training), 'refused');
  });
}

interface Look {
  readonly gates: readonly Gate[];
  readonly learn: () => Learnt;
}

function look(training: Training): Promise<Look> {
  const { run, definition } = training;
  const horizon = definition.horizonDays * DAY_MS;
  // Of a backtest what came after its moment is known; of all others what came after a horizon ago.
  const measuredAt = run.purpose === 'backtest' ? run.snapshotAt : run.snapshotAt - horizon;
  const moments = { learntAt: measuredAt - horizon, measuredAt, trainedAt: run.snapshotAt };
  return definition.kind === 'value'
    ? lookAtPurchases(training, moments)
    : lookAtLabels(training, moments);
}

type Moments = Pick<Lesson, 'learntAt' | 'measuredAt' | 'trainedAt'>;

async function lookAtPurchases(training: Training, moments: Moments): Promise<Look> {
  const { definition } = training;
  const facts = await historyFacts(training, moments.trainedAt);
  const now = await readAllPurchases(training, moments.trainedAt);
  const evidence = {
    buyers: now.length,
    historyDays: facts.historyDays,
    daysSinceLastOrder: facts.recentDays,
    repeatBuyers: now.filter(({ repeats }) => repeats >= 2).length,
  };
  const then = await readAllPurchases(training, moments.measuredAt);
  const gates = [
    ...purchaseGates(evidence, definition.gates),
    atLeast('rows', definition.minRows, then.length),
  ];
  return { gates, learn: () => learnValue({ ...moments, definition, gates, then, now }) };
}

async function lookAtLabels(training: Training, moments: Moments): Promise<Look> {
  const { definition } = training;
  const facts = await historyFacts(training, moments.trainedAt);
  const earlier = await readAllKnown(training, moments.learntAt);
  const later = await readAllKnown(training, moments.measuredAt);
  const doers = Math.min(
    ...[earlier, later].map((fold) => fold.filter(({ label }) => label).length),
  );
  const nonDoers = Math.min(
    ...[earlier, later].map((fold) => fold.filter(({ label }) => !label).length),
  );
  const { historyDays, eventTypes } = facts;
  const windowDays = definition.horizonDays;
  const gates = [
    ...labelGates({ doers, nonDoers, historyDays, eventTypes, windowDays }, definition.gates),
    atLeast('rows', definition.minRows, Math.min(earlier.length, later.length)),
  ];
  return { gates, learn: () => learnBinary({ ...moments, definition, gates, earlier, later }) };
}

function atLeast(gate: string, needed: number, found: number): Gate {
  return { gate, needed, found, ok: found >= needed };
}

function historyFacts({ pool, workspaceId, definition }: Training, at: number) {
  return inWorkspace(pool, workspaceId, (client) =>
    readHistoryFacts(client, workspaceId, { definition, at }),
  );
}

interface Trained {
  readonly learnt: Learnt;
  readonly live: PredictionModel | null;
  readonly gates: readonly Gate[];
}

function keepBetter(training: Training, { learnt, live, gates }: Trained): Promise<void> {
  const { run, workspaceId } = training;
  const card = json(learnt.card);
  if (run.purpose === 'backtest')
    return decide(training, async (client) => {
      await changePredictionRun(client, place(training), { gates, card });
      await closePredictionRun(client, place(training), 'done');
    });
  const contest = contestOf(learnt, live, run.version);
  const wins = contest === null || contest.winner === 'new' || live === null;
  const model = {
    modelId: derivedId(run.snapshotAt, 'prediction-model', run.runId),
    key: run.key,
    version: run.version,
    trainedAt: run.snapshotAt,
    parameters: json(learnt.stored),
    card,
  };
  return decide(training, async (client) => {
    await writeModel(client, workspaceId, { model, state: wins ? 'live' : 'refused' });
    await changePredictionRun(client, place(training), {
      gates,
      phase: 'score',
      modelId: wins ? model.modelId : live.modelId,
      ...(contest === null ? {} : { comparison: json(contest) }),
    });
  });
}

/** Models of different versions of a definition may predict different things: the new version was published, so it counts. */
function contestOf(
  { contest }: Learnt,
  live: PredictionModel | null,
  version: number,
): ModelContest | null {
  if (live === null || live.version !== version) return null;
  return contest(StoredModelSchema.parse(live.parameters));
}

async function scoreWith(
  client: Queryable,
  training: Training,
  { modelId }: PredictionModel,
): Promise<void> {
  await changePredictionRun(client, place(training), { phase: 'score', modelId });
}

/** Only while the run is still at its training: another attempt may have been faster. */
function decide(training: Training, work: (client: Queryable) => Promise<void>): Promise<void> {
  const { pool, workspaceId, run } = training;
  return inWorkspace(pool, workspaceId, async (client) => {
    const locked = await lockPredictionRun(client, workspaceId, run.runId);
    if (locked?.phase === 'train') await work(client);
  });
}

function place({ workspaceId, run }: Training) {
  return { workspaceId, runId: run.runId };
}

/** As it will be read again. */
function json(value: object): JsonObject {
  const parsed = parseJson(JSON.stringify(value));
  return isJsonObject(parsed) ? parsed : {};
}
