/**
 * A pull's own side: rows go into the chunks of an import, and the cursor of the run with them in one transaction. The pull's cursor
 * moves when the import is staged; a run that dies in between goes on, or, its upload swept away, begins again.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { JsonObject } from '@throughline/domain/shared';
import { inWorkspace, type Queryable } from '../shared/index.js';
import { readConnectionSecret } from '../workspaces/connections.js';
import type { Sealed } from '../workspaces/secret-box.js';
import { addChunk, beginImport, dropUpload, stageImport } from './imports.js';
import type { NewImport } from './import-types.js';
import type { PulledRow } from './pull-reader.js';

export interface PullRef {
  readonly workspaceId: string;
  readonly pullKey: string;
}

export interface LivePull {
  readonly version: number;
  readonly body: JsonObject;
  readonly sealed: Sealed | null;
  /** live body of the mapping that it names; null: none is live */
  readonly mapping: { readonly version: number; readonly body: JsonObject } | null;
  readonly attributes: readonly JsonObject[];
}

/** The name under which the password of a pull is kept, among the secrets of connections. */
export function pullSecretKey(pullKey: string): string {
  return `pull.${pullKey}`;
}

const LIVE = `
  select d.key, v.version, v.body, d.kind from definition d
    join definition_version v on v.workspace_id = d.workspace_id and v.kind = d.kind and v.key = d.key and v.version = d.live_version
   where d.workspace_id = $1 and d.archived_at is null and d.state = 'live'`;

/** Null where the pull is not live any more. */
export function readLivePull(
  pool: pg.Pool,
  { workspaceId, pullKey }: PullRef,
): Promise<LivePull | null> {
  type Row = { key: string; kind: string; version: number; body: JsonObject };
  return inWorkspace(pool, workspaceId, async (client) => {
    const { rows: pulls } = await client.query<Row>(`${LIVE} and d.kind = 'pull' and d.key = $2`, [
      workspaceId,
      pullKey,
    ]);
    const [pull] = pulls;
    if (pull === undefined) return null;
    const { mapping } = pull.body;
    const { rows } = await client.query<Row>(
      `${LIVE} and (d.kind = 'attribute' or (d.kind = 'mapping' and d.key = $2)) order by d.key`,
      [workspaceId, typeof mapping === 'string' ? mapping : ''],
    );
    return {
      version: pull.version,
      body: pull.body,
      sealed: await readConnectionSecret(client, workspaceId, pullSecretKey(pullKey)),
      mapping: rows.find(({ kind }) => kind === 'mapping') ?? null,
      attributes: rows.filter(({ kind }) => kind === 'attribute').map(({ body }) => body),
    };
  });
}

export interface PullRun {
  readonly importId: string;
  readonly seq: number;
  readonly rows: number;
  /** where the last run that ended came to */
  readonly cursor: string | null;
  /** the last row of this run; null before its first page */
  readonly at: { readonly cursor: string; readonly row: string } | null;
}

interface StateRow {
  readonly cursor: string | null;
  readonly importId: string | null;
  readonly runCursor: string | null;
  readonly runRow: string | null;
  readonly seq: number;
  readonly rows: number;
}

/** The run under way, or a new one. */
export function beginPull(
  pool: pg.Pool,
  { workspaceId, pullKey }: PullRef,
  fresh: NewImport,
): Promise<PullRun> {
  return inWorkspace(pool, workspaceId, async (client) => {
    await client.query(
      `insert into pull_state (workspace_id, pull_key) values ($1, $2) on conflict do nothing`,
      [workspaceId, pullKey],
    );
    const { rows } = await client.query<StateRow>(
      `select s.cursor, i.import_id as "importId", s.run_cursor as "runCursor", s.run_row as "runRow", s.seq, s.rows
         from pull_state s left join import i on i.workspace_id = s.workspace_id and i.import_id = s.import_id and i.state = 'uploading'
        where s.workspace_id = $1 and s.pull_key = $2 for update of s`,
      [workspaceId, pullKey],
    );
    const [state] = rows;
    const cursor = state?.cursor ?? null;
    if (state?.importId !== undefined && state.importId !== null) {
      const { importId, seq, rows: read, runCursor, runRow } = state;
      const at = runCursor === null || runRow === null ? null : { cursor: runCursor, row: runRow };
      return { importId, seq, rows: read, cursor, at };
    }
    const importId = await beginImport(client, workspaceId, fresh);
    await client.query(
      `update pull_state set import_id = $3, run_cursor = null, run_row = null, seq = 0, rows = 0, error = null,
              started_at = clock_timestamp(), finished_at = null
        where workspace_id = $1 and pull_key = $2`,
      [workspaceId, pullKey, importId],
    );
    return { importId, seq: 0, rows: 0, cursor, at: null };
  });
}

/** Null where somebody else was here first. */
export function keepPulledPage(
  pool: pg.Pool,
  { workspaceId, pullKey }: PullRef,
  { run, page }: { readonly run: PullRun; readonly page: readonly [PulledRow, ...PulledRow[]] },
): Promise<PullRun | null> {
  return inWorkspace(pool, workspaceId, async (client) => {
    const last = page.at(-1) ?? page[0];
    const moved = await client.query(
      `update pull_state set run_cursor = $5, run_row = $6, seq = seq + 1, rows = rows + $7
        where workspace_id = $1 and pull_key = $2 and import_id = $3 and seq = $4`,
      [workspaceId, pullKey, run.importId, run.seq, last.cursor, last.row, page.length],
    );
    if (moved.rowCount !== 1) return null;
    const firstRow = run.rows + 1;
    const lines = page.map(
      ({ json, row, cursor }, index) =>
        `[${firstRow + index},${json},${JSON.stringify(`${row}@${cursor}`)}]`,
    );
    const chunk = { seq: run.seq, firstRow, rows: page.length, body: lines.join('\n') };
    await addChunk(client, workspaceId, { importId: run.importId, chunk });
    const at = { cursor: last.cursor, row: last.row };
    return { ...run, seq: run.seq + 1, rows: run.rows + page.length, at };
  });
}

/** Everything is read: the import is staged and the pull's cursor moves, both or neither. A run without rows leaves nothing. */
export function endPull(
  pool: pg.Pool,
  { workspaceId, pullKey }: PullRef,
  run: PullRun,
): Promise<void> {
  return inWorkspace(pool, workspaceId, async (client) => {
    const { importId } = run;
    const ended = await closeRun(client, { workspaceId, pullKey }, run);
    if (!ended) return;
    if (run.rows === 0) await dropUpload(client, workspaceId, importId);
    else
      await stageImport(client, workspaceId, {
        importId,
        // No two runs are the same file, whatever they hold: rows are told apart one by one.
        contentHash: createHash('sha256').update(importId).digest(),
        bytes: 0,
        chunks: run.seq,
        rows: run.rows,
        columns: null,
        rerun: true,
      });
  });
}

async function closeRun(
  client: Queryable,
  { workspaceId, pullKey }: PullRef,
  { importId, seq, at }: PullRun,
): Promise<boolean> {
  const done = await client.query(
    `update pull_state set cursor = coalesce($5, cursor), import_id = null, finished_at = clock_timestamp(), error = null
      where workspace_id = $1 and pull_key = $2 and import_id = $3 and seq = $4`,
    [workspaceId, pullKey, importId, seq, at?.cursor ?? null],
  );
  return done.rowCount === 1;
}

/** Why a pull does not work, as a code, until a run of it ends well. */
export function notePullError(
  pool: pg.Pool,
  { workspaceId, pullKey }: PullRef,
  error: string,
): Promise<void> {
  return inWorkspace(pool, workspaceId, async (client) => {
    await client.query(
      `insert into pull_state (workspace_id, pull_key, error) values ($1, $2, $3)
       on conflict (workspace_id, pull_key) do update set error = excluded.error`,
      [workspaceId, pullKey, error],
    );
  });
}

export interface PullState {
  readonly cursor: string | null;
  readonly importId: string | null;
  readonly rows: number;
  readonly scheduledVersion: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly error: string | null;
}

export async function readPullState(
  client: Queryable,
  workspaceId: string,
  pullKey: string,
): Promise<PullState | null> {
  const { rows } = await client.query<PullState>(
    `select cursor, import_id as "importId", rows, scheduled_version as "scheduledVersion", started_at as "startedAt",
            finished_at as "finishedAt", error
       from pull_state where workspace_id = $1 and pull_key = $2`,
    [workspaceId, pullKey],
  );
  return rows[0] ?? null;
}

/** Asks for a run now, beside the schedule. */
export async function requestPull(
  client: Queryable,
  workspaceId: string,
  pullKey: string,
): Promise<void> {
  await client.query(
    `insert into pull_state (workspace_id, pull_key, run_requested) values ($1, $2, true)
     on conflict (workspace_id, pull_key) do update set run_requested = true`,
    [workspaceId, pullKey],
  );
}

export interface PullToSchedule extends PullRef {
  /** null: the pull is not live any more */
  readonly version: number | null;
  readonly body: JsonObject | null;
  readonly scheduledVersion: number | null;
  readonly runRequested: boolean;
}

/** Pulls whose schedule is not what it should be, of every workspace; for the role of the relay. */
export async function listPullsToSchedule(pool: pg.Pool, limit: number): Promise<PullToSchedule[]> {
  const { rows } = await pool.query<PullToSchedule>(
    `with live as (
       select d.workspace_id, d.key, v.version, v.body from definition d
         join definition_version v on v.workspace_id = d.workspace_id and v.kind = d.kind and v.key = d.key and v.version = d.live_version
        where d.kind = 'pull' and d.archived_at is null and d.state = 'live')
     select coalesce(l.workspace_id, s.workspace_id) as "workspaceId", coalesce(l.key, s.pull_key) as "pullKey", l.version, l.body,
            s.scheduled_version as "scheduledVersion", coalesce(s.run_requested, false) as "runRequested"
       from live l full join pull_state s on s.workspace_id = l.workspace_id and s.pull_key = l.key
      where l.version is distinct from s.scheduled_version or (s.run_requested and l.version is not null)
      limit $1`,
    [limit],
  );
  return rows;
}

export async function notePullScheduled(
  pool: pg.Pool,
  { workspaceId, pullKey }: PullRef,
  version: number | null,
): Promise<void> {
  await pool.query(
    `insert into pull_state (workspace_id, pull_key, scheduled_version) values ($1, $2, $3)
     on conflict (workspace_id, pull_key) do update set scheduled_version = excluded.scheduled_version, run_requested = false`,
    [workspaceId, pullKey, version],
  );
}
