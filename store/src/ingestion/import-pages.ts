/**
 * The engine's side of an import: page by page from chunks to the log. The cursor moves in the transaction that appends what a
 * page became, so that whatever kills a worker, every row is mapped into the log exactly once.
 */
import type pg from 'pg';
import type { Json, JsonObject } from '@throughline/domain/shared';
import { inWorkspace, type Queryable } from '../shared/index.js';
import { appendImport, type ImportBatch } from './append-import.js';
import type { ImportFormat, ImportKind, ImportState, Reject } from './import-types.js';

export interface ImportRef {
  readonly workspaceId: string;
  readonly importId: string;
}

/** An import under way with its next page; `chunk` is null when everything is mapped. */
export interface ImportPage extends ImportProgress {
  readonly kind: ImportKind;
  readonly format: ImportFormat;
  readonly state: ImportState;
  readonly mappingKey: string;
  readonly mapping: JsonObject;
  readonly contentHash: string;
  readonly columns: readonly string[] | null;
  readonly startJourneys: boolean;
  readonly createdAt: number;
  readonly rowsTotal: number;
  readonly seq: number;
  readonly chunk: string | null;
}

export interface ImportProgress {
  readonly rowsRead: number;
  readonly events: number;
  readonly warned: number;
  readonly omitted: number;
  readonly rejected: number;
  readonly warnings: JsonObject;
}

const PAGE = `
  select i.kind, i.format, i.state, i.mapping_key as "mappingKey", i.mapping, encode(i.content_hash, 'hex') as "contentHash",
         i.columns, i.start_journeys as "startJourneys", i.created_at as "createdAt", i.rows_total as "rowsTotal",
         i.rows_read as "rowsRead", i.events, i.warned, i.omitted, i.rejected, i.warnings, i.next_seq as seq, c.body as chunk
    from import i left join import_chunk c on c.workspace_id = i.workspace_id and c.import_id = i.import_id and c.seq = i.next_seq
   where i.workspace_id = $1 and i.import_id = $2`;

/** Null where the import is gone. The first look makes a staged import a running one. */
export function readImportPage(
  pool: pg.Pool,
  { workspaceId, importId }: ImportRef,
): Promise<ImportPage | null> {
  return inWorkspace(pool, workspaceId, async (client) => {
    await client.query({
      name: 'import-started',
      text: `update import set state = 'running', started_at = clock_timestamp()
              where workspace_id = $1 and import_id = $2 and state = 'staged'`,
      values: [workspaceId, importId],
    });
    const { rows } = await client.query<ImportPage>({
      name: 'import-page',
      text: PAGE,
      values: [workspaceId, importId],
    });
    return rows[0] ?? null;
  });
}

/** What one page of rows became. */
export interface MappedPage {
  readonly page: ImportPage;
  readonly rows: number;
  readonly warned: number;
  readonly omitted: number;
  readonly warnings: Readonly<Record<string, number>>;
  readonly batches: readonly ImportBatch[];
  readonly rejects: readonly Reject[];
}

/** False where somebody else was here first, or the import was cancelled: nothing was written then. */
export function commitImportPage(
  pool: pg.Pool,
  { workspaceId, importId }: ImportRef,
  mapped: MappedPage,
): Promise<boolean> {
  return inWorkspace(pool, workspaceId, async (client) => {
    const moved = await client.query({
      name: 'import-moved',
      text: `update import set next_seq = next_seq + 1, rows_read = rows_read + $4, events = events + $5, warned = warned + $6,
                    omitted = omitted + $7, rejected = rejected + $8, warnings = $9
              where workspace_id = $1 and import_id = $2 and next_seq = $3 and state = 'running'`,
      values: [
        workspaceId,
        importId,
        mapped.page.seq,
        mapped.rows,
        mapped.batches.reduce((sum, { events }) => sum + events, 0),
        mapped.warned,
        mapped.omitted,
        mapped.rejects.length,
        JSON.stringify(added(mapped.page.warnings, mapped.warnings)),
      ],
    });
    if (moved.rowCount !== 1) return false;
    await writeRejects(client, { workspaceId, importId }, mapped.rejects);
    await append(client, { workspaceId, importId }, mapped);
    return true;
  });
}

async function append(
  client: Queryable,
  { workspaceId, importId }: ImportRef,
  { page, batches }: MappedPage,
): Promise<void> {
  const { mappingKey: sourceKey, startJourneys } = page;
  const positions = await appendImport(client, workspaceId, { sourceKey, startJourneys, batches });
  if (positions.length === 0) return;
  await client.query({
    name: 'import-batches',
    text: `insert into import_batch (workspace_id, import_id, position, events)
           select $1, $2, position, events from unnest($3::bigint[], $4::int[]) as b(position, events)`,
    values: [workspaceId, importId, positions, batches.map(({ events }) => events)],
  });
}

async function writeRejects(
  client: Queryable,
  { workspaceId, importId }: ImportRef,
  rejects: readonly Reject[],
): Promise<void> {
  if (rejects.length === 0) return;
  await client.query(
    `insert into import_reject (workspace_id, import_id, row_number, code, field, detail, raw, row_id)
     select $1, $2, r.row, r.code, r.field, r.detail, r.raw, r."rowId"
       from json_to_recordset($3::json)
         as r("row" bigint, code text, field text, detail text, raw text, "rowId" text)
     on conflict do nothing`,
    [workspaceId, importId, JSON.stringify(rejects)],
  );
}

function added(before: JsonObject, more: Readonly<Record<string, number>>): JsonObject {
  const sum: Record<string, Json> = { ...before };
  for (const [code, count] of Object.entries(more)) {
    const sofar = sum[code];
    sum[code] = (typeof sofar === 'number' ? sofar : 0) + count;
  }
  return sum;
}

/** How many inputs the lane has still before it, `most` at the most: an import that ran far ahead of it would keep everybody else waiting. */
export function laneBacklog(pool: pg.Pool, workspaceId: string, most: number): Promise<number> {
  return inWorkspace(pool, workspaceId, async (client) => {
    const { rows } = await client.query<{ behind: number }>({
      name: 'import-backlog',
      text: `select least(a.position - l.position, $2)::int as behind from lane_append a join lane l using (workspace_id)
              where workspace_id = $1`,
      values: [workspaceId, most],
    });
    return rows[0]?.behind ?? 0;
  });
}

export interface ImportOutcome extends ImportProgress {
  readonly state: ImportState;
  readonly rowsTotal: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** inputs of the log that the lane has not come to */
  readonly open: number;
}

const BATCHES_AT_ONCE = 100;

/** Counts what the lane made of inputs that it has passed; ends the import when none is left. Null where the import is gone. */
export function settleImport(
  pool: pg.Pool,
  { workspaceId, importId }: ImportRef,
): Promise<ImportOutcome | null> {
  return inWorkspace(pool, workspaceId, async (client) => {
    await client.query({
      name: 'import-settle',
      text: `update import_batch b
                set accepted = (select count(*) from event e where e.workspace_id = $1 and e.position = b.position),
                    quarantined = (select count(*) from quarantine q where q.workspace_id = $1 and q.position = b.position)
              where workspace_id = $1 and import_id = $2 and position in (
                select position from import_batch
                 where workspace_id = $1 and import_id = $2 and accepted is null
                   and position <= (select position from lane where workspace_id = $1)
                 order by position limit ${BATCHES_AT_ONCE})`,
      values: [workspaceId, importId],
    });
    const { rows } = await client.query<ImportOutcome>({
      name: 'import-outcome',
      text: `select i.state, i.rows_total as "rowsTotal", i.rows_read as "rowsRead", i.events, i.warned, i.omitted, i.rejected,
                    i.warnings, b.accepted, b.settled - b.accepted - b.quarantined as duplicates, b.quarantined, b.open
               from import i, lateral (
                 select coalesce(sum(accepted), 0)::bigint as accepted, coalesce(sum(quarantined), 0)::bigint as quarantined,
                        coalesce(sum(events) filter (where accepted is not null), 0)::bigint as settled,
                        count(*) filter (where accepted is null) as open
                   from import_batch where workspace_id = $1 and import_id = $2) b
              where i.workspace_id = $1 and i.import_id = $2`,
      values: [workspaceId, importId],
    });
    const [outcome] = rows;
    if (outcome === undefined) return null;
    if (outcome.open === 0) await end(client, { workspaceId, importId }, outcome);
    return outcome;
  });
}

/** The rows of the file are not needed any more; rejects keep their own. */
async function end(
  client: Queryable,
  { workspaceId, importId }: ImportRef,
  { accepted, duplicates, quarantined }: ImportOutcome,
): Promise<void> {
  await client.query(
    `update import set state = case when state = 'running' then 'done' else state end, accepted = $3, duplicates = $4,
            quarantined = $5, finished_at = coalesce(finished_at, clock_timestamp()),
            last_position = (select max(position) from import_batch where workspace_id = $1 and import_id = $2)
      where workspace_id = $1 and import_id = $2`,
    [workspaceId, importId, accepted, duplicates, quarantined],
  );
  await client.query('delete from import_chunk where workspace_id = $1 and import_id = $2', [
    workspaceId,
    importId,
  ]);
}

/** Nothing can be done about it by trying again; `error` is a code. */
export function failImport(
  pool: pg.Pool,
  { workspaceId, importId }: ImportRef,
  error: string,
): Promise<void> {
  return inWorkspace(pool, workspaceId, async (client) => {
    await client.query(
      `update import set state = 'failed', error = $3, finished_at = clock_timestamp()
        where workspace_id = $1 and import_id = $2 and state in ('staged', 'running')`,
      [workspaceId, importId, error],
    );
  });
}

export interface OpenImport extends ImportRef {
  readonly mappingKey: string;
  readonly rowsTotal: number;
}

/** Imports that need a run, of every workspace; for the role of the relay. */
export async function listOpenImports(pool: pg.Pool, limit: number): Promise<OpenImport[]> {
  const { rows } = await pool.query<OpenImport>({
    name: 'import-open',
    text: `select workspace_id as "workspaceId", import_id as "importId", mapping_key as "mappingKey", rows_total as "rowsTotal"
             from import where state in ('staged', 'running') order by staged_at limit $1`,
    values: [limit],
  });
  return rows;
}
