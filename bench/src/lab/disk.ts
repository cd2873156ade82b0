/**
 * What tables take on disk, each with its indexes, freshly packed: rows that were updated leave holes which the next ones fill,
 * so the size of a table as it stands says what has happened in it and not what it holds.
 */
import { stat } from 'node:fs/promises';
import pg from 'pg';
import { codeOf } from '@throughline/scripts/failure';
import { ensureDatabase } from '@throughline/scripts/servers/postgres';
import type { Lab } from './lab.js';

export type Sizes = ReadonlyMap<string, number>;

/** Of these tables of a database, named `<head>.<table>`. */
async function packedSizes(
  pool: pg.Pool,
  head: string,
  tables: readonly string[],
): Promise<[string, number][]> {
  const sizes: [string, number][] = [];
  for (const table of tables) {
    await pool.query(`vacuum full ${pg.escapeIdentifier(table)}`);
    const { rows } = await pool.query<{ bytes: string }>(
      'select pg_total_relation_size(to_regclass($1)) as bytes',
      [pg.escapeIdentifier(table)],
    );
    sizes.push([`${head}.${table}`, Number(rows[0]?.bytes ?? 0)]);
  }
  return sizes;
}

async function tablesOf(pool: pg.Pool, where: string): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select c.relname as name from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and ${where} order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Everything that belongs to an enrolment names it. */
const OF_ENROLMENTS = `exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'enrolment_id')`;

/** The product's tables of enrolments, and all of Temporal's. */
export async function waitingSizes(lab: Lab): Promise<Sizes> {
  const own = await packedSizes(lab.admin, 'own', await tablesOf(lab.admin, OF_ENROLMENTS));
  return new Map([...own, ...(await temporalSizes(lab))]);
}

export async function temporalSizes(lab: Lab): Promise<Sizes> {
  if (lab.temporalFile !== null)
    return new Map([['temporal.file', await fileBytes(lab.temporalFile)]]);
  const sizes: [string, number][] = [];
  for (const database of ['temporal', 'temporal_visibility']) {
    const connectionString = await ensureDatabase(lab.postgres, database);
    const pool = new pg.Pool({ connectionString, max: 1 });
    try {
      sizes.push(...(await packedSizes(pool, database, await tablesOf(pool, 'true'))));
    } finally {
      await pool.end();
    }
  }
  return new Map(sizes);
}

/** With what the development server has not moved into the file yet. */
async function fileBytes(file: string): Promise<number> {
  const sizes = await Promise.all([file, `${file}-wal`].map(bytesOf));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

async function bytesOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** What has come on top for each of so many, largest first; what did not grow is left out. */
export function growthEach(
  before: Sizes,
  after: Sizes,
  howMany: number,
): (readonly [table: string, bytes: number])[] {
  return [...after]
    .map(([table, bytes]) => [table, (bytes - (before.get(table) ?? 0)) / howMany] as const)
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a);
}
