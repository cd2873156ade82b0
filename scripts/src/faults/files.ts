/** Files of customers that are uploaded while processes are killed: their rows are counted when everything has come to rest. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../shop/api-client.js';
import { asRecord } from '../shop/api-client.js';
import type { Database } from './database.js';
import type { Check } from './verdict.js';

const ROWS = 4_000;
/** One file for each part of the window, so that pages are under way whenever somebody is killed. */
const EVERY_MS = 20_000;
const AGAIN_MS = 500;

const MAPPING = {
  key: 'faults-crm',
  name: 'Customers under fire',
  target: 'customers',
  fields: [
    { to: 'user_id', from: { path: 'id' } },
    { to: 'email', from: { path: 'mail' }, normalise: ['email'] },
    { to: 'first_name', from: { path: 'first' } },
  ],
};

export interface UploadedFile {
  readonly prefix: string;
  readonly importId: string | null;
}

export interface FilesOptions {
  readonly api: ApiClient;
  readonly windowMs: number;
  readonly giveUp: AbortSignal;
}

export async function furnishFiles(api: ApiClient): Promise<void> {
  const path = `/api/v1/mappings/${MAPPING.key}`;
  await api.put(path, MAPPING);
  await api.post(`${path}/publish`);
}

/** Uploads until the API has said that it has the file: the same content twice is the same import. */
export async function uploadFiles({
  api,
  windowMs,
  giveUp,
}: FilesOptions): Promise<UploadedFile[]> {
  const count = Math.max(1, Math.floor(windowMs / EVERY_MS));
  const files: UploadedFile[] = [];
  for (let n = 0; n < count; n += 1) {
    const prefix = `file${n}-`;
    const begun = performance.now();
    files.push({ prefix, importId: await upload(api, csvOf(prefix), giveUp) });
    const left = EVERY_MS - (performance.now() - begun);
    if (n + 1 < count && left > 0)
      await delay(left, undefined, { signal: giveUp }).catch(() => undefined);
  }
  return files;
}

async function upload(api: ApiClient, csv: string, giveUp: AbortSignal): Promise<string | null> {
  while (!giveUp.aborted) {
    try {
      const path = `/api/v1/imports?kind=customers&format=csv&mapping=${MAPPING.key}`;
      const answer = asRecord(await api.upload(path, csv, 'text/csv'));
      return typeof answer['id'] === 'string' ? answer['id'] : null;
    } catch {
      // Whoever answers, or does not, is being killed: the shop tries again.
      await delay(AGAIN_MS);
    }
  }
  return null;
}

export function csvOf(prefix: string): string {
  const rows = Array.from(
    { length: ROWS },
    (_, n) => `${prefix}${n},${prefix}${n}@files.example,First ${n}`,
  );
  return `id,mail,first\n${rows.join('\n')}\n`;
}

export interface ImportRow {
  readonly importId: string;
  readonly state: string;
  readonly rowsRead: number;
  readonly accepted: number | null;
  readonly duplicates: number | null;
  readonly rejected: number;
  readonly quarantined: number | null;
}

export function readImports(database: Database): Promise<ImportRow[]> {
  return database.rows<ImportRow>(
    `select import_id as "importId", state, rows_read as "rowsRead", accepted, duplicates, rejected, quarantined from import`,
  );
}

/** Files that were accepted and are not mapped to their end. */
export function unfinished(
  files: readonly UploadedFile[],
  imports: readonly ImportRow[],
): string[] {
  const done = new Set(
    imports.filter(({ state }) => state === 'done').map(({ importId }) => importId),
  );
  return files.flatMap(({ prefix, importId }) =>
    importId !== null && done.has(importId) ? [] : [prefix],
  );
}

/** Customers by the prefix of their file. */
export async function countPeople(
  database: Database,
  files: readonly UploadedFile[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await database.rows<{ prefix: string; people: number }>(
    `select split_part(value, '-', 1) || '-' as prefix, count(distinct customer_id)::int as people
       from identifier where type = 'user_id' and value like 'file%' group by 1`,
  );
  const found = new Map(rows.map(({ prefix, people }) => [prefix, people]));
  return new Map(files.map(({ prefix }) => [prefix, found.get(prefix) ?? 0]));
}

/** Every row of every file is applied once, whoever was killed at whichever page. */
export function judgeFiles(
  files: readonly UploadedFile[],
  imports: readonly ImportRow[],
  people: ReadonlyMap<string, number>,
): Check {
  const byId = new Map(imports.map((row) => [row.importId, row]));
  return {
    name: 'every row of a file is applied once',
    weight: `${files.length} files of ${ROWS} rows`,
    faults: files.flatMap(({ prefix, importId }) => [
      ...faultsOf(prefix, importId === null ? undefined : byId.get(importId)),
      ...(people.get(prefix) === ROWS ? [] : [`${prefix}: ${people.get(prefix) ?? 0} customers`]),
    ]),
  };
}

function faultsOf(prefix: string, row: ImportRow | undefined): string[] {
  if (row === undefined) return [`${prefix}: never accepted`];
  const { state, rowsRead, accepted, duplicates, rejected, quarantined } = row;
  const isWhole =
    state === 'done' &&
    rowsRead === ROWS &&
    accepted === ROWS &&
    duplicates === 0 &&
    rejected === 0 &&
    quarantined === 0;
  return isWhole ? [] : [`${prefix}: ${JSON.stringify(row)}`];
}
