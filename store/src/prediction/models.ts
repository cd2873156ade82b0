/** Trained models: one of each prediction is live and scores; those before it stay, so that what they said can be explained. */
import type { JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

export interface PredictionModel {
  readonly modelId: string;
  readonly key: string;
  readonly version: number;
  readonly state: 'live' | 'kept' | 'refused';
  readonly trainedAt: number;
  readonly parameters: JsonObject;
  readonly card: JsonObject;
  readonly replacedBy: string | null;
}

const COLUMNS = `model_id as "modelId", prediction_key as key, version, state, trained_at as "trainedAt", parameters, card,
  replaced_by as "replacedBy"`;

export async function readLiveModel(
  client: Queryable,
  workspaceId: string,
  key: string,
): Promise<PredictionModel | null> {
  const { rows } = await client.query<PredictionModel>(
    `select ${COLUMNS} from prediction_model where workspace_id = $1 and prediction_key = $2 and state = 'live'`,
    [workspaceId, key],
  );
  return rows[0] ?? null;
}

export async function readModel(
  client: Queryable,
  workspaceId: string,
  modelId: string,
): Promise<PredictionModel | null> {
  const { rows } = await client.query<PredictionModel>(
    `select ${COLUMNS} from prediction_model where workspace_id = $1 and model_id = $2`,
    [workspaceId, modelId],
  );
  return rows[0] ?? null;
}

export type TrainedModel = Omit<PredictionModel, 'state' | 'replacedBy'>;

/** The new one is live and the old one kept, or the new one is refused; written twice, it is the same. */
export async function writeModel(
  client: Queryable,
  workspaceId: string,
  { model, state }: { readonly model: TrainedModel; readonly state: 'live' | 'refused' },
): Promise<void> {
  const { modelId, key, version, trainedAt, parameters, card } = model;
  if (state === 'live')
    await client.query(
      `update prediction_model set state = 'kept', replaced_by = $3
        where workspace_id = $1 and prediction_key = $2 and state = 'live' and model_id <> $3`,
      [workspaceId, key, modelId],
    );
  await client.query(
    `insert into prediction_model (workspace_id, model_id, prediction_key, version, state, trained_at, parameters, card)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (workspace_id, model_id) do nothing`,
    [
      workspaceId,
      modelId,
      key,
      version,
      state,
      new Date(trainedAt).toISOString(),
      JSON.stringify(parameters),
      JSON.stringify(card),
    ],
  );
}
