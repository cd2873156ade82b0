/** Runs of scoreChurn: asked for by somebody or by the schedule, begun by the worker, carried on page by page. */
import type pg from 'pg';
import type { Gate } from '@throughline/domain/prediction';
import type { JsonObject } from '@throughline/domain/shared';
import { newId, type Queryable } from '../shared/index.js';

export type PredictionPurpose = 'train' | 'score' | 'backtest';
export type PredictionPhase = 'train' | 'score' | 'publish' | 'retire' | 'over';

export interface PredictionRun {
  readonly runId: string;
  readonly key: string;
  readonly version: number;
  readonly purpose: PredictionPurpose;
  readonly snapshotAt: number;
  readonly state: 'asked' | 'running' | 'done' | 'refused' | 'cancelled';
  readonly phase: PredictionPhase;
  readonly cursor: string | null;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly finishedAt: number | null;
  readonly gates: readonly Gate[];
  readonly modelId: string | null;
  readonly comparison: JsonObject | null;
  readonly drift: JsonObject | null;
  readonly card: JsonObject | null;
  readonly cutpoints: readonly number[] | null;
  readonly scored: number;
  readonly changed: number;
}

const COLUMNS = `run_id as "runId", prediction_key as key, version, purpose, snapshot_at as "snapshotAt", state, phase, cursor,
  requested_by as "requestedBy", requested_at as "requestedAt", finished_at as "finishedAt", gates, model_id as "modelId", comparison,
  drift, card, cutpoints, scored, changed`;

export interface AskedPrediction {
  readonly key: string;
  readonly version: number;
  readonly purpose: PredictionPurpose;
  readonly snapshotAt: number;
  readonly requestedBy: string;
}

export function askPrediction(
  client: Queryable,
  workspaceId: string,
  asked: AskedPrediction,
): Promise<PredictionRun> {
  return writePredictionRun(client, workspaceId, { ...asked, runId: newId() });
}

/** The same id again is the same run, so that an attempt that is repeated opens no second one. */
export async function writePredictionRun(
  client: Queryable,
  workspaceId: string,
  {
    runId,
    key,
    version,
    purpose,
    snapshotAt,
    requestedBy,
  }: AskedPrediction & { readonly runId: string },
): Promise<PredictionRun> {
  const { rows } = await client.query<PredictionRun>(
    `insert into prediction_run (workspace_id, run_id, prediction_key, version, purpose, snapshot_at, requested_by)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (workspace_id, run_id) do nothing returning ${COLUMNS}`,
    [workspaceId, runId, key, version, purpose, new Date(snapshotAt).toISOString(), requestedBy],
  );
  const run = rows[0] ?? (await readPredictionRun(client, workspaceId, runId));
  if (run === null) throw new TypeError('a run that was just written is not there');
  return run;
}

export async function readPredictionRun(
  client: Queryable,
  workspaceId: string,
  runId: string,
): Promise<PredictionRun | null> {
  const { rows } = await client.query<PredictionRun>(
    `select ${COLUMNS} from prediction_run where workspace_id = $1 and run_id = $2`,
    [workspaceId, runId],
  );
  return rows[0] ?? null;
}

/** Whoever holds it is the only one who carries the run on; null where it is not running (any more). */
export async function lockPredictionRun(
  client: Queryable,
  workspaceId: string,
  runId: string,
): Promise<PredictionRun | null> {
  const { rows } = await client.query<PredictionRun>(
    `select ${COLUMNS} from prediction_run where workspace_id = $1 and run_id = $2 and state = 'running' for update`,
    [workspaceId, runId],
  );
  return rows[0] ?? null;
}

/** Newest first: ids begin with their time. */
export async function listPredictionRuns(
  client: Queryable,
  workspaceId: string,
  page: { readonly key: string; readonly after: string | null; readonly limit: number },
): Promise<PredictionRun[]> {
  const { rows } = await client.query<PredictionRun>(
    `select ${COLUMNS} from prediction_run
      where workspace_id = $1 and prediction_key = $2 and ($3::uuid is null or run_id < $3) order by run_id desc limit $4`,
    [workspaceId, page.key, page.after, page.limit],
  );
  return rows;
}

/** `asked` becomes `running`; a run that is under way or over stays as it is. */
export async function beginPredictionRun(
  client: Queryable,
  workspaceId: string,
  runId: string,
): Promise<void> {
  await client.query(
    `update prediction_run set state = 'running' where workspace_id = $1 and run_id = $2 and state = 'asked'`,
    [workspaceId, runId],
  );
}

export interface RunChange {
  readonly phase?: PredictionPhase;
  readonly cursor?: string | null;
  readonly gates?: readonly Gate[];
  readonly modelId?: string;
  readonly comparison?: JsonObject;
  readonly drift?: JsonObject;
  readonly card?: JsonObject;
  readonly scored?: number;
  readonly changed?: number;
}

/** Writes what is given and adds what is counted; under the lock of the run. */
export async function changePredictionRun(
  client: Queryable,
  { workspaceId, runId }: { readonly workspaceId: string; readonly runId: string },
  change: RunChange,
): Promise<void> {
  const { phase, cursor, gates, modelId, comparison, drift, card, scored, changed } = change;
  await client.query(
    `update prediction_run set phase = coalesce($3, phase), cursor = case when $4 then $5::uuid else cursor end,
            gates = coalesce($6::jsonb, gates), model_id = coalesce($7::uuid, model_id), comparison = coalesce($8::jsonb, comparison),
            drift = coalesce($9::jsonb, drift), card = coalesce($10::jsonb, card), scored = scored + $11, changed = changed + $12
      where workspace_id = $1 and run_id = $2`,
    [
      workspaceId,
      runId,
      phase ?? null,
      cursor !== undefined,
      cursor ?? null,
      jsonOrNull(gates),
      modelId ?? null,
      jsonOrNull(comparison),
      jsonOrNull(drift),
      jsonOrNull(card),
      scored ?? 0,
      changed ?? 0,
    ],
  );
}

/** The end of a run; what it had not published goes. */
export async function closePredictionRun(
  client: Queryable,
  { workspaceId, runId }: { readonly workspaceId: string; readonly runId: string },
  state: 'done' | 'refused' | 'cancelled',
): Promise<void> {
  const { rowCount } = await client.query(
    `update prediction_run set state = $3, phase = 'over', cursor = null, finished_at = clock_timestamp()
      where workspace_id = $1 and run_id = $2 and state in ('asked', 'running')`,
    [workspaceId, runId, state],
  );
  if (rowCount === 1)
    await client.query('delete from prediction_draft where workspace_id = $1 and run_id = $2', [
      workspaceId,
      runId,
    ]);
}

export interface OpenPredictionRun {
  readonly workspaceId: string;
  readonly runId: string;
  readonly key: string;
  readonly purpose: PredictionPurpose;
}

/** Of all workspaces: what the worker must see to it that it runs. */
export async function listOpenPredictionRuns(
  pool: pg.Pool,
  most: number,
): Promise<OpenPredictionRun[]> {
  const { rows } = await pool.query<OpenPredictionRun>(
    `select workspace_id as "workspaceId", run_id as "runId", prediction_key as key, purpose from prediction_run
      where state in ('asked', 'running') and requested_by <> 'schedule' order by requested_at limit $1`,
    [most],
  );
  return rows;
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
