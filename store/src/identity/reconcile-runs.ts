/** Runs of reconcileIdentity: asked for by somebody or by the schedule, begun by the worker, counted as they go. */
import {
  applyChangedSchedules,
  newId,
  type ChangedSchedule,
  type Queryable,
} from '../shared/index.js';
import type pg from 'pg';

export interface ReconcileRun {
  readonly runId: string;
  readonly state: 'asked' | 'running' | 'done' | 'cancelled';
  readonly dryRun: boolean;
  readonly suggestAt: number;
  readonly autoAt: number | null;
  readonly columns: Readonly<Record<string, string>>;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly customers: number | null;
  readonly candidates: number | null;
  /** null until the customers have been compared */
  readonly proposed: number | null;
  readonly suggested: number;
  readonly merged: number;
  readonly skipped: number;
  readonly compared: Readonly<Record<string, string>>;
  readonly preview: readonly Group[];
}

/** Customers who are probably one, and why: names of columns and levels, never values. */
export interface Group {
  readonly members: readonly string[];
  /** probability of the weakest and of the strongest pair among them */
  readonly weakest: number;
  readonly strongest: number;
  readonly evidence: readonly PairEvidence[];
}

export interface PairEvidence {
  readonly left: string;
  readonly right: string;
  readonly probability: number;
  readonly weight: number;
  readonly levels: Readonly<Record<string, string>>;
}

export interface ReconcileSettings {
  readonly suggestAt: number;
  readonly autoAt: number | null;
  readonly columns: Readonly<Record<string, string>>;
}

export interface AskedRun extends ReconcileSettings {
  readonly dryRun: boolean;
  readonly requestedBy: string;
}

export const RUN_COLUMNS = `run_id as "runId", state, dry_run as "dryRun", suggest_at as "suggestAt", auto_at as "autoAt", columns,
  requested_by as "requestedBy", requested_at as "requestedAt", started_at as "startedAt", finished_at as "finishedAt", customers,
  candidates, proposed, suggested, merged, skipped, compared, preview`;

export async function askReconcile(
  client: Queryable,
  workspaceId: string,
  asked: AskedRun,
): Promise<ReconcileRun> {
  return writeRun(client, { workspaceId, runId: newId(), asked, state: 'asked' });
}

interface RunToWrite {
  readonly workspaceId: string;
  readonly runId: string;
  readonly asked: AskedRun;
  readonly state: 'asked' | 'running';
}

async function writeRun(
  client: Queryable,
  { workspaceId, runId, asked, state }: RunToWrite,
): Promise<ReconcileRun> {
  const { rows } = await client.query<ReconcileRun>(
    `insert into reconcile_run (workspace_id, run_id, state, dry_run, suggest_at, auto_at, columns, requested_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (workspace_id, run_id) do update set run_id = excluded.run_id returning ${RUN_COLUMNS}`,
    [
      workspaceId,
      runId,
      state,
      asked.dryRun,
      asked.suggestAt,
      asked.autoAt,
      JSON.stringify(asked.columns),
      asked.requestedBy,
    ],
  );
  const [run] = rows;
  if (run === undefined) throw new TypeError('a run that was just written is not there');
  return run;
}

/** A run that the schedule begins; `runId` is the same for every attempt. Null where the workspace has no schedule any more. */
export async function writeScheduledRun(
  client: Queryable,
  workspaceId: string,
  runId: string,
): Promise<ReconcileRun | null> {
  const settings = await readSchedule(client, workspaceId);
  if (settings?.everyHours == null) return null;
  const asked = { ...settings, dryRun: false, requestedBy: 'schedule' };
  return writeRun(client, { workspaceId, runId, asked, state: 'running' });
}

export async function readRun(
  client: Queryable,
  workspaceId: string,
  runId: string,
): Promise<ReconcileRun | null> {
  const { rows } = await client.query<ReconcileRun>(
    `select ${RUN_COLUMNS} from reconcile_run where workspace_id = $1 and run_id = $2`,
    [workspaceId, runId],
  );
  return rows[0] ?? null;
}

/** Newest first: ids begin with their time. */
export async function listRuns(
  client: Queryable,
  workspaceId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<ReconcileRun[]> {
  const { rows } = await client.query<ReconcileRun>(
    `select ${RUN_COLUMNS} from reconcile_run where workspace_id = $1 and ($2::uuid is null or run_id < $2)
      order by run_id desc limit $3`,
    [workspaceId, page.after, page.limit],
  );
  return rows;
}

/** `asked` becomes `running`; a run that is under way or over stays as it is. */
export async function beginRun(
  client: Queryable,
  workspaceId: string,
  runId: string,
): Promise<void> {
  await client.query(
    `update reconcile_run set state = 'running', started_at = coalesce(started_at, clock_timestamp())
      where workspace_id = $1 and run_id = $2 and state in ('asked', 'running')`,
    [workspaceId, runId],
  );
}

export interface OpenRun {
  readonly workspaceId: string;
  readonly runId: string;
  readonly dryRun: boolean;
}

/** Of all workspaces: what the worker must see to it that it runs. */
export async function listOpenRuns(pool: pg.Pool, most: number): Promise<OpenRun[]> {
  const { rows } = await pool.query<OpenRun>(
    `select workspace_id as "workspaceId", run_id as "runId", dry_run as "dryRun" from reconcile_run
      where state in ('asked', 'running') and requested_by <> 'schedule' order by requested_at limit $1`,
    [most],
  );
  return rows;
}

export interface Schedule extends ReconcileSettings {
  /** null: only when somebody asks */
  readonly everyHours: number | null;
}

export async function readSchedule(
  client: Queryable,
  workspaceId: string,
): Promise<Schedule | null> {
  const { rows } = await client.query<Schedule>(
    `select every_hours as "everyHours", suggest_at as "suggestAt", auto_at as "autoAt", columns from reconcile_schedule
      where workspace_id = $1`,
    [workspaceId],
  );
  return rows[0] ?? null;
}

export async function putSchedule(
  client: Queryable,
  workspaceId: string,
  { everyHours, suggestAt, autoAt, columns }: Schedule,
): Promise<void> {
  await client.query(
    `insert into reconcile_schedule (workspace_id, every_hours, suggest_at, auto_at, columns) values ($1, $2, $3, $4, $5)
     on conflict (workspace_id) do update set every_hours = excluded.every_hours, suggest_at = excluded.suggest_at,
       auto_at = excluded.auto_at, columns = excluded.columns, revision = reconcile_schedule.revision + 1`,
    [workspaceId, everyHours, suggestAt, autoAt, JSON.stringify(columns)],
  );
}

export function applySchedules(
  pool: pg.Pool,
  apply: (schedule: ChangedSchedule) => Promise<void>,
): Promise<void> {
  return applyChangedSchedules(pool, 'reconcile_schedule', apply);
}
