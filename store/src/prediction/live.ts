/** Predictions that are published: their definitions, and whether Temporal's schedules are as they say. */
import type pg from 'pg';
import type { JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

export interface LivePrediction {
  readonly version: number;
  readonly body: JsonObject;
}

/** Null where it is not live (any more). */
export async function readLivePrediction(
  client: Queryable,
  workspaceId: string,
  key: string,
): Promise<LivePrediction | null> {
  const { rows } = await client.query<LivePrediction>(
    `select v.version, v.body from definition d
       join definition_version v on v.workspace_id = d.workspace_id and v.kind = d.kind and v.key = d.key and v.version = d.live_version
      where d.workspace_id = $1 and d.kind = 'prediction' and d.key = $2 and d.archived_at is null and d.state = 'live'`,
    [workspaceId, key],
  );
  return rows[0] ?? null;
}

/** As a run was asked for: versions never change, so a run goes on with the one that it began with. */
export async function readPredictionVersion(
  client: Queryable,
  workspaceId: string,
  { key, version }: { readonly key: string; readonly version: number },
): Promise<JsonObject | null> {
  const { rows } = await client.query<{ body: JsonObject }>(
    `select body from definition_version where workspace_id = $1 and kind = 'prediction' and key = $2 and version = $3`,
    [workspaceId, key, version],
  );
  return rows[0]?.body ?? null;
}

export interface PredictionToSchedule {
  readonly workspaceId: string;
  readonly key: string;
  /** null: it is not live any more */
  readonly version: number | null;
  readonly body: JsonObject | null;
}

/** Those whose schedule is not what it should be, of every workspace; for the role of the relay. */
export async function listPredictionsToSchedule(
  pool: pg.Pool,
  limit: number,
): Promise<PredictionToSchedule[]> {
  const { rows } = await pool.query<PredictionToSchedule>(
    `with live as (
       select d.workspace_id, d.key, v.version, v.body from definition d
         join definition_version v on v.workspace_id = d.workspace_id and v.kind = d.kind and v.key = d.key and v.version = d.live_version
        where d.kind = 'prediction' and d.archived_at is null and d.state = 'live')
     select coalesce(l.workspace_id, s.workspace_id) as "workspaceId", coalesce(l.key, s.prediction_key) as key, l.version, l.body
       from live l full join prediction_schedule s on s.workspace_id = l.workspace_id and s.prediction_key = l.key
      where l.version is distinct from s.scheduled_version limit $1`,
    [limit],
  );
  return rows;
}

export async function notePredictionScheduled(
  pool: pg.Pool,
  { workspaceId, key, version }: PredictionToSchedule,
): Promise<void> {
  await pool.query(
    `insert into prediction_schedule (workspace_id, prediction_key, scheduled_version) values ($1, $2, $3)
     on conflict (workspace_id, prediction_key) do update set scheduled_version = excluded.scheduled_version`,
    [workspaceId, key, version],
  );
}
