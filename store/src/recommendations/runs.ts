/** Runs of refreshRecommendations: asked for by somebody or by the schedule, begun by the worker. */
import type pg from 'pg';
import type { RecommendationSettings } from '@throughline/domain/recommendations/schemas';
import { newId, type Queryable } from '../shared/index.js';

export interface RecommendationRun {
  readonly runId: string;
  readonly state: 'asked' | 'running' | 'done' | 'cancelled';
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly finishedAt: number | null;
  /** null until it has counted */
  readonly baskets: number | null;
  readonly items: number | null;
  readonly pairs: number | null;
}

const COLUMNS = `run_id as "runId", state, requested_by as "requestedBy", requested_at as "requestedAt",
  finished_at as "finishedAt", baskets, items, pairs`;

export interface AskedRefresh {
  readonly settings: RecommendationSettings;
  readonly requestedBy: string;
}

export async function askRefresh(
  client: Queryable,
  workspaceId: string,
  asked: AskedRefresh,
): Promise<RecommendationRun> {
  return writeRefresh(client, workspaceId, { ...asked, runId: newId() });
}

/** The same id again is the same run, so that an attempt that is repeated opens no second one. */
export async function writeRefresh(
  client: Queryable,
  workspaceId: string,
  { runId, settings, requestedBy }: AskedRefresh & { readonly runId: string },
): Promise<RecommendationRun> {
  const { rows } = await client.query<RecommendationRun>(
    `insert into recommendation_run (workspace_id, run_id, settings, requested_by) values ($1, $2, $3, $4)
     on conflict (workspace_id, run_id) do update set run_id = excluded.run_id returning ${COLUMNS}`,
    [workspaceId, runId, JSON.stringify(settings), requestedBy],
  );
  const [run] = rows;
  if (run === undefined) throw new TypeError('a run that was just written is not there');
  return run;
}

export async function readRefresh(
  client: Queryable,
  workspaceId: string,
  runId: string,
): Promise<RecommendationRun | null> {
  const { rows } = await client.query<RecommendationRun>(
    `select ${COLUMNS} from recommendation_run where workspace_id = $1 and run_id = $2`,
    [workspaceId, runId],
  );
  return rows[0] ?? null;
}

/** Newest first: ids begin with their time. */
export async function listRefreshes(
  client: Queryable,
  workspaceId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<RecommendationRun[]> {
  const { rows } = await client.query<RecommendationRun>(
    `select ${COLUMNS} from recommendation_run where workspace_id = $1 and ($2::uuid is null or run_id < $2)
      order by run_id desc limit $3`,
    [workspaceId, page.after, page.limit],
  );
  return rows;
}

/** What a run has to count; null where it is over. */
export async function beginRefresh(
  client: Queryable,
  workspaceId: string,
  runId: string,
): Promise<unknown> {
  const { rows } = await client.query<{ settings: unknown }>(
    `update recommendation_run set state = 'running'
      where workspace_id = $1 and run_id = $2 and state in ('asked', 'running') returning settings`,
    [workspaceId, runId],
  );
  return rows[0]?.settings ?? null;
}

/** The run was cancelled: the model that answers goes on answering. */
export async function cancelRefresh(
  client: Queryable,
  workspaceId: string,
  runId: string,
): Promise<void> {
  await client.query(
    `update recommendation_run set state = 'cancelled', finished_at = clock_timestamp()
      where workspace_id = $1 and run_id = $2 and state in ('asked', 'running')`,
    [workspaceId, runId],
  );
}

export interface OpenRefresh {
  readonly workspaceId: string;
  readonly runId: string;
}

/** Of all workspaces: what the worker must see to it that it runs. */
export async function listOpenRefreshes(pool: pg.Pool, most: number): Promise<OpenRefresh[]> {
  const { rows } = await pool.query<OpenRefresh>(
    `select workspace_id as "workspaceId", run_id as "runId" from recommendation_run
      where state in ('asked', 'running') and requested_by <> 'schedule' order by requested_at limit $1`,
    [most],
  );
  return rows;
}
