/**
 * A run of scoreChurn, part by part. How far it is stands in its row and moves in the transaction that does the work: a worker may be
 * killed anywhere, and whoever comes next goes on from there.
 */
import { driftOf, tableOf } from '@throughline/domain/prediction';
import { StoredModelSchema, type StoredModel } from '@throughline/domain/prediction/schemas';
import type { EnginePool } from '@throughline/store/journeys';
import {
  beginPredictionRun,
  changePredictionRun,
  closePredictionRun,
  lockPredictionRun,
  readLivePrediction,
  readModel,
  readPredictionRun,
  readScoredSample,
  writePredictionRun,
  type PredictionRun,
} from '@throughline/store/prediction';
import { inWorkspace, type Queryable } from '@throughline/store/shared';
import type {
  PredictionRef,
  PredictionReport,
  PredictionRequest,
} from '@throughline/workflows/contract';
import type { Pulse } from './pulse.js';
import { advanceOnce, CUSTOMERS_PER_PAGE, definitionOf } from './predict-pages.js';
import { train } from './predict-train.js';

export interface PredictionDependencies {
  readonly pool: EnginePool;
  /** ms since epoch */
  readonly now: () => number;
  readonly customersPerPage?: number;
  readonly pagesPerCall?: number;
}

const PAGES_PER_CALL = 50;
const DRIFT_SAMPLE = 5_000;

/** `scheduledRunId` is the same for every attempt of a run that the schedule began. */
export async function openPrediction(
  { pool, now }: PredictionDependencies,
  { workspaceId, predictionKey: key, runId }: PredictionRequest,
  scheduledRunId: string,
): Promise<PredictionRef | null> {
  return inWorkspace(pool, workspaceId, async (client) => {
    if (runId === null) {
      const live = await readLivePrediction(client, workspaceId, key);
      if (live === null) return null;
      await writePredictionRun(client, workspaceId, {
        runId: scheduledRunId,
        key,
        version: live.version,
        purpose: 'score',
        snapshotAt: now(),
        requestedBy: 'schedule',
      });
    }
    const ref = { workspaceId, predictionKey: key, runId: runId ?? scheduledRunId };
    await beginPredictionRun(client, workspaceId, ref.runId);
    return ref;
  });
}

export async function trainPrediction(
  deps: PredictionDependencies,
  ref: PredictionRef,
  pulse: Pulse<PredictionReport>,
): Promise<PredictionReport> {
  const { pool, customersPerPage = CUSTOMERS_PER_PAGE } = deps;
  const { workspaceId } = ref;
  const run = await reading(pool, ref);
  if (run?.state !== 'running' || run.phase !== 'train') return reportOf(run);
  const definition = await inWorkspace(pool, workspaceId, (client) =>
    definitionOf(client, workspaceId, run),
  );
  const beat = (): void => {
    pulse.beat(reportOf(run));
  };
  await train({ pool, workspaceId, definition, run, beat, customersPerPage });
  return reportOf(await reading(pool, ref));
}

/** Some pages, each in a transaction of its own. */
export async function advancePrediction(
  deps: PredictionDependencies,
  ref: PredictionRef,
  pulse: Pulse<PredictionReport>,
): Promise<PredictionReport> {
  const { pool, now, pagesPerCall = PAGES_PER_CALL, customersPerPage } = deps;
  const models = new Map<string, StoredModel>();
  const step = { now, limit: customersPerPage ?? CUSTOMERS_PER_PAGE, models };
  for (let page = 0; page < pagesPerCall; page += 1) {
    await inWorkspace(pool, ref.workspaceId, (client) => advanceOnce(client, ref, step));
    const report = reportOf(await reading(pool, ref));
    if (report.phase === 'over') return report;
    pulse.beat(report);
  }
  return reportOf(await reading(pool, ref));
}

export async function closePrediction(
  { pool }: PredictionDependencies,
  ref: PredictionRef,
): Promise<PredictionReport> {
  const { workspaceId, runId } = ref;
  await inWorkspace(pool, workspaceId, async (client) => {
    const run = await lockPredictionRun(client, workspaceId, runId);
    if (run === null) return;
    await noteDrift(client, workspaceId, run);
    await closePredictionRun(client, ref, 'done');
  });
  return reportOf(await reading(pool, ref));
}

/** How far what it scored by has moved away from what the model learnt of. */
async function noteDrift(
  client: Queryable,
  workspaceId: string,
  run: PredictionRun,
): Promise<void> {
  const model = await readModel(client, workspaceId, run.modelId ?? '');
  if (model === null) return;
  const { spreads } = StoredModelSchema.parse(model.parameters);
  const { key, runId } = run;
  const sample = await readScoredSample(client, workspaceId, { key, runId, limit: DRIFT_SAMPLE });
  if (sample.length === 0) return;
  const scores = Float64Array.from(sample, ({ probability }) => probability);
  const drift = driftOf(spreads, tableOf(sample.map(({ features }) => features)), scores);
  await changePredictionRun(
    client,
    { workspaceId, runId },
    {
      drift: Object.fromEntries(drift.map(({ feature, psi, level }) => [feature, { psi, level }])),
    },
  );
}

export async function endPrediction(
  { pool }: PredictionDependencies,
  ref: PredictionRef,
): Promise<void> {
  await inWorkspace(pool, ref.workspaceId, (client) =>
    closePredictionRun(client, ref, 'cancelled'),
  );
}

function reading(
  pool: EnginePool,
  { workspaceId, runId }: PredictionRef,
): Promise<PredictionRun | null> {
  return inWorkspace(pool, workspaceId, (client) => readPredictionRun(client, workspaceId, runId));
}

function reportOf(run: PredictionRun | null): PredictionReport {
  if (run === null) return { phase: 'over', state: 'cancelled', scored: 0, changed: 0 };
  const { phase, state, scored, changed } = run;
  return { phase, state: state === 'asked' ? 'running' : state, scored, changed };
}
