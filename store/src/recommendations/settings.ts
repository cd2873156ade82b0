/** How a workspace wants its model made, which model answers, and what Temporal's schedule has been told of it. */
import type pg from 'pg';
import {
  RecommendationSettingsSchema,
  type RecommendationSettings,
} from '@throughline/domain/recommendations/schemas';
import { applyChangedSchedules, type ChangedSchedule, type Queryable } from '../shared/index.js';

export interface StoredSettings {
  readonly settings: RecommendationSettings;
  /** null until a first model has been made */
  readonly liveRunId: string | null;
}

/** Null where the workspace has none: nothing is recommended. */
export async function readRecommendationSettings(
  client: Queryable,
  workspaceId: string,
): Promise<StoredSettings | null> {
  const { rows } = await client.query<{ settings: unknown; liveRunId: string | null }>(
    `select settings, live_run_id as "liveRunId" from recommendation_setting where workspace_id = $1`,
    [workspaceId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { ...row, settings: RecommendationSettingsSchema.parse(row.settings) };
}

export async function putRecommendationSettings(
  client: Queryable,
  workspaceId: string,
  settings: RecommendationSettings,
): Promise<void> {
  await client.query(
    `insert into recommendation_setting (workspace_id, settings, every_hours) values ($1, $2, $3)
     on conflict (workspace_id) do update set settings = excluded.settings, every_hours = excluded.every_hours,
       revision = recommendation_setting.revision + 1`,
    [workspaceId, JSON.stringify(settings), settings.everyHours],
  );
}

export function applyRefreshSchedules(
  pool: pg.Pool,
  apply: (schedule: ChangedSchedule) => Promise<void>,
): Promise<void> {
  return applyChangedSchedules(pool, 'recommendation_setting', apply);
}
