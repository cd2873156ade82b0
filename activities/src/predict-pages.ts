/** A page of a run of scoreChurn: customers become scores, scores become traits. One transaction each, and its cursor with it. */
import {
  PredictionSchema,
  StoredModelSchema,
  type PredictionDefinition,
  type StoredModel,
} from '@throughline/domain/prediction/schemas';
import { InvariantBroken } from '@throughline/domain/shared';
import {
  lockPredictionRun,
  publishScores,
  readKnownCustomers,
  readModel,
  readPredictionVersion,
  readPurchases,
  retireScores,
  writeDraftPage,
  type PredictionRun,
} from '@throughline/store/prediction';
import type { Queryable } from '@throughline/store/shared';
import type { PredictionRef } from '@throughline/workflows/contract';
import { scoreOf, type Scoring } from './predict-score.js';
import { featuresOf } from './predict-value.js';

export const CUSTOMERS_PER_PAGE = 500;

export interface PageStep {
  /** ms since epoch */
  readonly now: () => number;
  /** customers */
  readonly limit: number;
  /** read so far, by id: a model never changes, and a large one is not read again for every page */
  readonly models: Map<string, StoredModel>;
}

/** Under the lock of the run: whatever its row says is next. */
export async function advanceOnce(
  client: Queryable,
  { workspaceId, runId }: PredictionRef,
  { now, limit, models }: PageStep,
): Promise<void> {
  const run = await lockPredictionRun(client, workspaceId, runId);
  if (run === null) return;
  const definition = await definitionOf(client, workspaceId, run);
  const page = { run, definition, limit, models, now: now() };
  switch (run.phase) {
    case 'score':
      await scorePage(client, workspaceId, page);
      return;
    case 'publish':
      await publishScores(client, workspaceId, page);
      return;
    case 'retire':
      await retireScores(client, workspaceId, page);
      return;
    case 'train':
    case 'over':
      return;
  }
}

interface Page {
  readonly run: PredictionRun;
  readonly definition: PredictionDefinition;
  readonly limit: number;
  readonly models: Map<string, StoredModel>;
}

async function scorePage(
  client: Queryable,
  workspaceId: string,
  { run, definition, limit, models }: Page,
): Promise<void> {
  const modelId = run.modelId ?? '';
  const stored = models.get(modelId) ?? (await readStored(client, workspaceId, modelId));
  models.set(modelId, stored);
  const scoring: Scoring = { stored, definition, at: run.snapshotAt };
  const page = { definition, at: run.snapshotAt, after: run.cursor, limit };
  const { customers, next } =
    stored.kind === 'value'
      ? await purchasePage(client, workspaceId, page)
      : await readKnownCustomers(client, workspaceId, page);
  const scores = customers.map(({ customerId, features }) =>
    scoreOf(scoring, { customerId, features }),
  );
  await writeDraftPage(client, { workspaceId, runId: run.runId }, { scores, next });
}

async function readStored(
  client: Queryable,
  workspaceId: string,
  modelId: string,
): Promise<StoredModel> {
  const model = await readModel(client, workspaceId, modelId);
  if (model === null) throw new InvariantBroken('a run scores by a model that is not there');
  return StoredModelSchema.parse(model.parameters);
}

async function purchasePage(
  client: Queryable,
  workspaceId: string,
  page: Parameters<typeof readPurchases>[2],
) {
  const { customers, next } = await readPurchases(client, workspaceId, page);
  return {
    customers: customers.map((each) => ({
      customerId: each.customerId,
      features: featuresOf(each),
    })),
    next,
  };
}

export async function definitionOf(
  client: Queryable,
  workspaceId: string,
  { key, version }: PredictionRun,
): Promise<PredictionDefinition> {
  return PredictionSchema.parse(await readPredictionVersion(client, workspaceId, { key, version }));
}
