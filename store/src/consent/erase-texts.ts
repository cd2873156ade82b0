/**
 * Texts that hold people without a column that says whom: bodies of the log, quarantine, rows of files, kept answers. SQL finds what
 * may name the person, loosely; whether it does is decided over the parsed text. Page by page, each its own transaction.
 */
import type pg from 'pg';
import {
  namesPerson,
  redactBody,
  textNames,
  type LogRow,
  type Names,
} from '@throughline/domain/ingestion';
import { inTransaction, type Queryable } from '../shared/index.js';
import { eraseFileRows } from './erase-files.js';
import { addCount, type ErasedPerson, type EraseRef } from './erasing.js';
import { likePatterns } from './like-patterns.js';

/** Called after every page. */
export type Beat = () => void;

export interface TextSearch {
  readonly pool: pg.Pool;
  readonly ref: EraseRef;
  readonly person: ErasedPerson;
  readonly patterns: readonly string[];
  readonly beat: Beat;
}

export async function eraseTexts(
  pool: pg.Pool,
  ref: EraseRef,
  { person, beat }: { readonly person: ErasedPerson; readonly beat: Beat },
): Promise<void> {
  const search: TextSearch = { pool, ref, person, patterns: likePatterns(person), beat };
  await eraseLog(search);
  await eraseFileRows(search);
  await eraseTable(search, QUARANTINE);
  await eraseTable(search, ANSWERS);
  await eraseTable(search, AUDIT);
  await eraseReason(search);
}

/** Positions looked at in one statement; few of their bodies are read. */
const POSITIONS = 5_000;
const ROWS = 500;

async function eraseLog(search: TextSearch): Promise<void> {
  const { pool, ref, person } = search;
  const { rows } = await pool.query<{ first: number | null }>(
    'select min(position) as first from event_log where workspace_id = $1',
    [ref.workspaceId],
  );
  const names = namesPerson(person);
  const first = rows[0]?.first ?? person.begunPosition + 1;
  for (let from = first; from <= person.begunPosition; from += POSITIONS) {
    const to = Math.min(from + POSITIONS - 1, person.begunPosition);
    await inTransaction(pool, (client) => eraseLogPage(client, search, { from, to, names }));
    search.beat();
  }
}

interface LogPage {
  readonly from: number;
  readonly to: number;
  readonly names: Names;
}

async function eraseLogPage(
  client: Queryable,
  { ref, person, patterns }: TextSearch,
  { from, to, names }: LogPage,
): Promise<void> {
  const { rows } = await client.query<
    Pick<LogRow, 'position' | 'kind' | 'endpoint' | 'body'> & { clock: string }
  >(
    `select position, clock::text as clock, kind, endpoint, body from event_log
      where workspace_id = $1 and position between $2 and $3 and body is not null
        and (body ilike any($4::text[]) or strpos(body, '\\u') > 0)`,
    [ref.workspaceId, from, to, patterns],
  );
  let removed = 0;
  for (const row of rows) {
    const redacted = redactBody(row, (text) => textNames(person, names, text));
    if (redacted.removed === 0) continue;
    removed += redacted.removed;
    await client.query(
      'update event_log set body = $4 where workspace_id = $1 and position = $2 and clock = $3::timestamptz',
      [ref.workspaceId, row.position, row.clock, redacted.body],
    );
  }
  await addCount(client, ref, 'event_log', removed);
}

/** A table with one text a row: what names the person is deleted, or emptied where the row must stay. */
interface TextTable {
  readonly name: string;
  /** sorts, and names the row */
  readonly key: string;
  readonly text: string;
  /** beside the workspace; `$3` is when the erasure began */
  readonly where: string;
  readonly act: string;
}

const QUARANTINE: TextTable = {
  name: 'quarantine',
  key: 'quarantine_id::text',
  text: 'body',
  where: 'received_at <= to_timestamp($3::float8 / 1000)',
  act: 'delete from quarantine where workspace_id = $1 and quarantine_id::text = any($2::text[])',
};

const ANSWERS: TextTable = {
  name: 'idempotent_answer',
  key: 'idempotency_key',
  text: `coalesce(body::text, '') || idempotency_key`,
  where: "created_at <= to_timestamp($3::float8 / 1000) + interval '1 minute'",
  act: 'delete from idempotent_answer where workspace_id = $1 and idempotency_key = any($2::text[])',
};

/** That something was done stays, by whom and to which reference; words that name the person go. */
const AUDIT: TextTable = {
  name: 'audit_log',
  key: 'audit_id::text',
  text: 'detail::text',
  where: "at <= to_timestamp($3::float8 / 1000) + interval '1 minute'",
  act: `update audit_log set detail = '{"erased":true}' where workspace_id = $1 and audit_id::text = any($2::text[])`,
};

async function eraseTable(search: TextSearch, table: TextTable): Promise<void> {
  let after = '';
  for (;;) {
    const last = await inTransaction(search.pool, (client) =>
      eraseTablePage(client, search, { table, after }),
    );
    search.beat();
    if (last === null) return;
    after = last;
  }
}

async function eraseTablePage(
  client: Queryable,
  { ref, person, patterns }: TextSearch,
  { table, after }: { readonly table: TextTable; readonly after: string },
): Promise<string | null> {
  const { rows } = await client.query<{ key: string; text: string }>(
    `select ${table.key} as key, ${table.text} as text from ${table.name}
      where workspace_id = $1 and ${table.key} > $2 and ${table.where}
        and (${table.text} ilike any($4::text[]) or strpos(${table.text}, '\\u') > 0)
      order by 1 limit ${ROWS}`,
    [ref.workspaceId, after, person.begunAt, patterns],
  );
  const names = namesPerson({
    ...person,
    customerIds: table.name === 'audit_log' ? [] : person.customerIds,
  });
  const theirs = rows.filter(({ text }) => textNames(person, names, text)).map(({ key }) => key);
  if (theirs.length > 0) {
    const { rowCount } = await client.query(table.act, [ref.workspaceId, theirs]);
    await addCount(client, ref, table.name, rowCount ?? 0);
  }
  return rows.length < ROWS ? null : (rows.at(-1)?.key ?? null);
}

/** Whoever asked may have written down whom they meant. */
async function eraseReason({ pool, ref, patterns }: TextSearch): Promise<void> {
  await pool.query(
    `update erasure set reason = null where workspace_id = $1 and erase_id = $2 and reason ilike any($3::text[])`,
    [ref.workspaceId, ref.eraseId, patterns],
  );
}
