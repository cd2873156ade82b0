/** Imports as the API sees them: an upload under way, staged once, listed, cancelled, run again. */
import { ThroughlineError } from '@throughline/domain/shared';
import { newId, type Queryable } from '../shared/index.js';
import {
  IMPORT_COLUMNS,
  type Chunk,
  type Import,
  type NewImport,
  type Reject,
} from './import-types.js';

/** Whoever uploads has given up by then: the upload went with its connection or its process. */
const ABANDONED = `interval '1 day'`;

export async function beginImport(
  client: Queryable,
  workspaceId: string,
  fresh: NewImport,
): Promise<string> {
  await client.query(
    `delete from import where workspace_id = $1 and state = 'uploading' and created_at < clock_timestamp() - ${ABANDONED}`,
    [workspaceId],
  );
  const importId = newId();
  await client.query(
    `insert into import (workspace_id, import_id, kind, format, mapping_key, mapping_version, mapping, start_journeys, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      workspaceId,
      importId,
      fresh.kind,
      fresh.format,
      fresh.mappingKey,
      fresh.mappingVersion,
      JSON.stringify(fresh.mapping),
      fresh.startJourneys,
      fresh.createdBy,
    ],
  );
  return importId;
}

export async function addChunk(
  client: Queryable,
  workspaceId: string,
  { importId, chunk }: { readonly importId: string; readonly chunk: Chunk },
): Promise<void> {
  await client.query({
    name: 'import-chunk',
    text: `insert into import_chunk (workspace_id, import_id, seq, first_row, rows, body) values ($1, $2, $3, $4, $5, $6)`,
    values: [workspaceId, importId, chunk.seq, chunk.firstRow, chunk.rows, chunk.body],
  });
}

export interface UploadedFile {
  readonly importId: string;
  readonly contentHash: Buffer;
  readonly bytes: number;
  readonly chunks: number;
  readonly rows: number;
  readonly columns: readonly string[] | null;
  /** the same content by the same mapping once more, though it changes nothing */
  readonly rerun: boolean;
}

/**
 * The upload is whole: from now on it is worked off. Where this content was imported by this mapping before, the upload is thrown
 * away and the earlier import is the answer.
 */
export async function stageImport(
  client: Queryable,
  workspaceId: string,
  file: UploadedFile,
): Promise<{ readonly import: Import; readonly repeated: boolean }> {
  const { importId, contentHash } = file;
  // Two uploads of one file at once: the later one waits here and finds the earlier.
  await client.query('select pg_advisory_xact_lock(7303, hashtext($1))', [
    `${workspaceId} ${contentHash.toString('hex')}`,
  ]);
  const before = file.rerun ? null : await findEarlier(client, workspaceId, file);
  if (before !== null) {
    await dropUpload(client, workspaceId, importId);
    return { import: before, repeated: true };
  }
  const staged = await client.query<Import>(
    `update import i set state = 'staged', staged_at = clock_timestamp(), content_hash = $3, bytes = $4, chunks = $5,
            rows_total = $6, columns = $7, run = ${nextRun('i', '$3')}
      where workspace_id = $1 and import_id = $2 and state = 'uploading' returning ${IMPORT_COLUMNS}`,
    [workspaceId, importId, contentHash, file.bytes, file.chunks, file.rows, file.columns],
  );
  return { import: present(staged.rows[0]), repeated: false };
}

/** Runs of one content by one mapping are numbered; a failed or cancelled one leaves its number to nobody. */
function nextRun(row: string, hash: string): string {
  return `(select coalesce(max(o.run), 0) + 1 from import o
            where o.workspace_id = ${row}.workspace_id and o.content_hash = ${hash} and o.kind = ${row}.kind
              and o.mapping_key = ${row}.mapping_key and o.mapping_version = ${row}.mapping_version and o.import_id <> ${row}.import_id)`;
}

async function findEarlier(
  client: Queryable,
  workspaceId: string,
  { importId, contentHash }: UploadedFile,
): Promise<Import | null> {
  const found = await client.query<{ id: string }>(
    `select e.import_id as id from import e join import n
        on n.workspace_id = e.workspace_id and n.import_id = $2 and n.kind = e.kind and n.mapping_key = e.mapping_key
       and n.mapping_version = e.mapping_version
      where e.workspace_id = $1 and e.content_hash = $3 and e.rerun_of is null
        and e.state not in ('uploading', 'failed', 'cancelled')
      order by e.run desc limit 1`,
    [workspaceId, importId, contentHash],
  );
  const [earlier] = found.rows;
  return earlier === undefined ? null : readImport(client, workspaceId, earlier.id);
}

/** An upload that came to nothing leaves nothing behind. */
export async function dropUpload(
  client: Queryable,
  workspaceId: string,
  importId: string,
): Promise<void> {
  await client.query(
    `delete from import where workspace_id = $1 and import_id = $2 and state = 'uploading'`,
    [workspaceId, importId],
  );
}

export async function readImport(
  client: Queryable,
  workspaceId: string,
  importId: string,
): Promise<Import | null> {
  const found = await client.query<Import>(
    `select ${IMPORT_COLUMNS} from import where workspace_id = $1 and import_id = $2`,
    [workspaceId, importId],
  );
  return found.rows[0] ?? null;
}

/** Newest first: ids begin with their time. */
export async function listImports(
  client: Queryable,
  workspaceId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Import[]> {
  const found = await client.query<Import>(
    `select ${IMPORT_COLUMNS} from import where workspace_id = $1 and ($2::uuid is null or import_id < $2)
      order by import_id desc limit $3`,
    [workspaceId, page.after, page.limit],
  );
  return found.rows;
}

/** What is in the log by now stays there; the rest is not read. Null where it is over already. */
export async function cancelImport(
  client: Queryable,
  workspaceId: string,
  importId: string,
): Promise<Import | null> {
  const done = await client.query<Import>(
    `update import set state = 'cancelled', finished_at = clock_timestamp()
      where workspace_id = $1 and import_id = $2 and state in ('staged', 'running') returning ${IMPORT_COLUMNS}`,
    [workspaceId, importId],
  );
  return done.rows[0] ?? null;
}

const REJECT_COLUMNS = 'row_number as "row", code, field, detail, raw';

/** In the order of the file; those that were mapped again are not listed any more. */
export async function listRejects(
  client: Queryable,
  workspaceId: string,
  page: { readonly importId: string; readonly after: number; readonly limit: number },
): Promise<Reject[]> {
  const found = await client.query<Reject>(
    `select ${REJECT_COLUMNS} from import_reject
      where workspace_id = $1 and import_id = $2 and row_number > $3 and rerun_by is null order by row_number limit $4`,
    [workspaceId, page.importId, page.after, page.limit],
  );
  return found.rows;
}

export interface Rerun {
  readonly importId: string;
  readonly mappingVersion: number;
  readonly mapping: NewImport['mapping'];
  readonly createdBy: string;
}

const ROWS_A_CHUNK = 2_000;

/**
 * Maps the rejects of an import again, as an import of its own: same content hash and same row numbers, so that a row keeps its
 * message id. Rows that the reader could not read stay rejected: no mapping mends them.
 */
export async function rerunRejects(
  client: Queryable,
  workspaceId: string,
  rerun: Rerun,
): Promise<Import> {
  const of = await client.query<{ state: string; hash: string }>(
    `select state, encode(content_hash, 'hex') as hash from import where workspace_id = $1 and import_id = $2 for update`,
    [workspaceId, rerun.importId],
  );
  const [original] = of.rows;
  if (original === undefined) throw new ThroughlineError('not_found');
  if (original.state !== 'done')
    throw new ThroughlineError('conflict', `The import is ${original.state}, not done.`);
  const importId = newId();
  await client.query(
    `insert into import (workspace_id, import_id, kind, format, mapping_key, mapping_version, mapping, start_journeys, created_by,
            content_hash, rerun_of, columns)
     select workspace_id, $3, kind, format, mapping_key, $4, $5, start_journeys, $6, content_hash, import_id, columns
       from import where workspace_id = $1 and import_id = $2`,
    [
      workspaceId,
      rerun.importId,
      importId,
      rerun.mappingVersion,
      JSON.stringify(rerun.mapping),
      rerun.createdBy,
    ],
  );
  const rows = await moveRejects(client, workspaceId, { from: rerun.importId, to: importId });
  if (rows === 0) throw new ThroughlineError('conflict', 'No reject is left to be mapped again.');
  const staged = await client.query<Import>(
    `update import i set state = 'staged', staged_at = clock_timestamp(), rows_total = $3,
            chunks = (select count(*) from import_chunk c where c.workspace_id = $1 and c.import_id = $2),
            run = ${nextRun('i', 'i.content_hash')}
      where workspace_id = $1 and import_id = $2 returning ${IMPORT_COLUMNS}`,
    [workspaceId, importId, rows],
  );
  return present(staged.rows[0]);
}

async function moveRejects(
  client: Queryable,
  workspaceId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<number> {
  const moved = await client.query<{ rows: number }>(
    `with taken as (
       update import_reject set rerun_by = $3
        where workspace_id = $1 and import_id = $2 and rerun_by is null and left(raw, 1) <> '"'
       returning row_number, raw || coalesce(',' || to_json(row_id)::text, '') as raw
     ), numbered as (
       select row_number as n, raw, (row_number() over (order by row_number) - 1) / ${ROWS_A_CHUNK} as seq from taken
     ), written as (
       insert into import_chunk (workspace_id, import_id, seq, first_row, rows, body)
       select $1, $3, seq, min(n), count(*), string_agg('[' || n || ',' || raw || ']', E'\\n' order by n) from numbered group by seq
     )
     select count(*)::int as rows from taken`,
    [workspaceId, from, to],
  );
  return moved.rows[0]?.rows ?? 0;
}

function present<T>(row: T | undefined): T {
  if (row === undefined)
    throw new ThroughlineError('conflict', 'The import was ended while it was being uploaded.');
  return row;
}
