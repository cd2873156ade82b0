/** Rows of files that wait to be mapped, and rows that were rejected. */
import { namesPerson, textNames, type Names } from '@throughline/domain/ingestion';
import {
  isJsonList,
  isJsonObject,
  parseJson,
  type Json,
  type JsonObject,
} from '@throughline/domain/shared';
import { inTransaction, type Queryable } from '../shared/index.js';
import { addCount } from './erasing.js';
import type { TextSearch } from './erase-texts.js';

interface HeldImport {
  readonly import_id: string;
  readonly columns: readonly string[] | null;
  readonly mapping: JsonObject;
}

/** Files handed in before the erasure began; of later ones the person's rows are somebody new's. */
export async function eraseFileRows(search: TextSearch): Promise<void> {
  const { pool, ref, person } = search;
  const { rows } = await pool.query<HeldImport>(
    `select i.import_id, i.columns, i.mapping from import i
      where i.workspace_id = $1 and i.created_at <= to_timestamp($2::float8 / 1000)
        and (exists (select from import_chunk c where c.workspace_id = $1 and c.import_id = i.import_id)
          or exists (select from import_reject r where r.workspace_id = $1 and r.import_id = i.import_id))
      order by i.import_id`,
    [ref.workspaceId, person.begunAt],
  );
  for (const held of rows) {
    const names = namesPerson(person, namingColumns(held.mapping));
    await eraseChunks(search, held, names);
    await inTransaction(pool, (client) => eraseRejects(client, search, { held, names }));
    search.beat();
  }
}

/** Columns and paths whose values the mapping makes identifiers of. */
function namingColumns({ mapping, catalogue }: JsonObject): string[] {
  const identifying = new Set(
    objects(catalogue)
      .filter(({ role }) => isJsonObject(role) && role['kind'] === 'identifier')
      .map(({ key }) => key),
  );
  const fields = isJsonObject(mapping) ? objects(mapping['fields']) : [];
  return fields
    .filter(({ to }) => identifying.has(to ?? null))
    .flatMap(({ from }) => pathsOf(from));
}

function objects(value: Json | undefined): JsonObject[] {
  return isJsonList(value) ? value.filter(isJsonObject) : [];
}

/** The last part of a path is the key that the walk meets. */
function pathsOf(from: Json | undefined): string[] {
  if (!isJsonObject(from)) return [];
  const paths = [from['path'], ...(isJsonList(from['firstOf']) ? from['firstOf'] : [])];
  return paths
    .filter((path) => typeof path === 'string')
    .flatMap((path) => [path, path.slice(path.lastIndexOf('.') + 1)])
    .map((path) => (path === 'id' ? '.id' : path));
}

async function eraseChunks(
  { pool, ref, patterns, beat }: TextSearch,
  { import_id: importId, columns }: HeldImport,
  names: Names,
): Promise<void> {
  for (let after = -1; ;) {
    const seq = await inTransaction(pool, async (client) => {
      // Mapping a page locks the import as well: a page is mapped before this, or finds the rows gone.
      await client.query(
        'select from import where workspace_id = $1 and import_id = $2 for update',
        [ref.workspaceId, importId],
      );
      const { rows } = await client.query<{ seq: number; body: string }>(
        `select seq, body from import_chunk where workspace_id = $1 and import_id = $2 and seq > $3
            and (body ilike any($4::text[]) or strpos(body, '\\u') > 0) order by seq limit 1`,
        [ref.workspaceId, importId, after, patterns],
      );
      const [chunk] = rows;
      if (chunk === undefined) return null;
      const lines = chunk.body.split('\n');
      const left = lines.map((line) => withoutPerson(line, columns, (value) => names(value)));
      const removed = left.filter((line, index) => line !== lines[index]).length;
      if (removed > 0)
        await client.query(
          'update import_chunk set body = $4 where workspace_id = $1 and import_id = $2 and seq = $3',
          [ref.workspaceId, importId, chunk.seq, left.join('\n')],
        );
      await addCount(client, ref, 'import_chunk', removed);
      return chunk.seq;
    });
    beat();
    if (seq === null) return;
    after = seq;
  }
}

/** The row stays in the count of its file, as one that was refused; see migration 0010 for the two shapes. */
function withoutPerson(line: string, columns: readonly string[] | null, names: Names): string {
  const parsed = parseJson(line);
  if (!isJsonList(parsed)) return line;
  const [number, values] = parsed;
  if (!names(named(values, columns))) return line;
  return JSON.stringify([number ?? 0, null, 'erased', 'the person of this row was erased']);
}

function named(values: Json | undefined, columns: readonly string[] | null): Json | undefined {
  if (columns === null || !isJsonList(values)) return values;
  return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? null]));
}

async function eraseRejects(
  client: Queryable,
  { ref, person, patterns }: TextSearch,
  { held, names }: { readonly held: HeldImport; readonly names: Names },
): Promise<void> {
  const { rows } = await client.query<{ row_number: number; raw: string }>(
    `select row_number, raw from import_reject where workspace_id = $1 and import_id = $2
        and (raw ilike any($3::text[]) or strpos(raw, '\\u') > 0)`,
    [ref.workspaceId, held.import_id, patterns],
  );
  const theirs = rows.filter(({ raw }) => {
    const value = parseJson(raw);
    return value === undefined ? textNames(person, names, raw) : names(named(value, held.columns));
  });
  if (theirs.length === 0) return;
  await client.query(
    'delete from import_reject where workspace_id = $1 and import_id = $2 and row_number = any($3::bigint[])',
    [ref.workspaceId, held.import_id, theirs.map((row) => row.row_number)],
  );
  await addCount(client, ref, 'import_reject', theirs.length);
}
