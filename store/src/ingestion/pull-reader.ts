/**
 * Reads somebody else's table: in a session that cannot write, by keyset on (cursor, primary key), so that a page costs the same
 * wherever it is. Names are quoted, values bound; the source compares its own values, we only hand them back as text.
 */
import pg from 'pg';

export interface PullTable {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[] | null;
  readonly cursor: string;
  readonly primaryKey: string;
  readonly pageSize: number;
}

export interface PullServer {
  /** checked by the caller: what is dialled, whatever the name says a second time */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly ssl: 'verify' | 'disable';
}

/** null: from the first row; with overlap: from so many seconds before it; a row: what comes after it. */
export type PullFrom =
  | { readonly kind: 'first' }
  | { readonly kind: 'cursor'; readonly cursor: string; readonly overlapSeconds: number }
  | { readonly kind: 'row'; readonly cursor: string; readonly row: string };

export interface PulledRow {
  /** the row as JSON text */
  readonly json: string;
  readonly cursor: string;
  readonly row: string;
}

const SESSION =
  '-c default_transaction_read_only=on -c statement_timeout=30000 -c TimeZone=UTC -c DateStyle=ISO';

export async function openPullReader(server: PullServer): Promise<PullReader> {
  const client = new pg.Client({
    host: server.address,
    port: server.port,
    database: server.database,
    user: server.user,
    password: server.password,
    options: SESSION,
    application_name: 'throughline pull',
    connectionTimeoutMillis: 10_000,
    ssl: server.ssl === 'verify' ? { servername: server.host } : false,
  });
  client.on('error', () => undefined);
  await client.connect();
  return new PullReader(client);
}

export class PullReader {
  constructor(private readonly client: pg.Client) {}

  async page(table: PullTable, from: PullFrom): Promise<PulledRow[]> {
    const { text, values } = pageQuery(table, from);
    return (await this.client.query<PulledRow>(text, values)).rows;
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}

export function pageQuery(
  { schema, table, columns, cursor, primaryKey, pageSize }: PullTable,
  from: PullFrom,
): { readonly text: string; readonly values: (string | number)[] } {
  const [by, key] = [pg.escapeIdentifier(cursor), pg.escapeIdentifier(primaryKey)];
  const wanted = columns === null ? null : [...new Set([...columns, cursor, primaryKey])];
  const list = wanted === null ? '*' : wanted.map((name) => pg.escapeIdentifier(name)).join(', ');
  const source = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
  const { condition, values } = conditionOf(from, by, key);
  return {
    text: `select to_jsonb(t)::text as json, t.${by}::text as cursor, t.${key}::text as "row"
             from (select ${list} from ${source} where ${condition} order by ${by}, ${key} limit ${pageSize}) t
            order by t.${by}, t.${key}`,
    values,
  };
}

function conditionOf(
  from: PullFrom,
  by: string,
  key: string,
): { readonly condition: string; readonly values: (string | number)[] } {
  switch (from.kind) {
    case 'first':
      return { condition: `${by} is not null`, values: [] };
    case 'cursor':
      if (from.overlapSeconds === 0) return { condition: `${by} >= $1`, values: [from.cursor] };
      return {
        condition: `${by} >= $1::timestamptz - make_interval(secs => $2)`,
        values: [from.cursor, from.overlapSeconds],
      };
    case 'row':
      return { condition: `(${by}, ${key}) > ($1, $2)`, values: [from.cursor, from.row] };
  }
}
