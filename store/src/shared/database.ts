import pg from 'pg';

/** bigint columns hold positions and counters, all far below 2^53; timestamps cross as epoch milliseconds. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, parseTimestamp);

/** The roles of migrations 0001 and 0013; each pool is one of them. */
export type DatabaseRole =
  'tl_app' | 'tl_engine' | 'tl_ingest' | 'tl_lane' | 'tl_privacy' | 'tl_relay';

export interface PoolOptions {
  readonly url: string;
  readonly role: DatabaseRole;
  readonly max?: number;
  /** a statement that waits longer for a lock fails with 55P03 and is retried; ms */
  readonly lockTimeoutMs?: number;
  /** a transaction may not take longer, nor lie idle; ms */
  readonly transactionTimeoutMs?: number;
  readonly onError?: (error: Error) => void;
}

/** A pool whose every connection runs as one role. The login user is a member of all of them (migration 0001). */
export function openPool(options: PoolOptions): pg.Pool {
  const settings = [`-c role=${options.role}`, `-c lock_timeout=${options.lockTimeoutMs ?? 5_000}`];
  if (options.transactionTimeoutMs !== undefined) {
    settings.push(
      `-c idle_in_transaction_session_timeout=${options.transactionTimeoutMs}`,
      `-c statement_timeout=${options.transactionTimeoutMs}`,
    );
  }
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 5,
    options: settings.join(' '),
    application_name: `throughline ${options.role}`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // A connection that dies while idle must not end the process; the next query opens another.
  pool.on('error', options.onError ?? (() => undefined));
  return pool;
}

export type Queryable = Pick<pg.ClientBase, 'query'>;

/** Runs `work` in one transaction; anything thrown rolls it back. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return transact(pool, 'begin', work);
}

/** One transaction that sees exactly one workspace: the policies of migration 0006 compare every row with it. */
export async function inWorkspace<T>(
  pool: pg.Pool,
  workspaceId: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  if (!UUID.test(workspaceId)) throw new TypeError('a workspace id is a UUID');
  // One round trip: the simple protocol takes both statements, and the id has just been checked to be nothing but a UUID.
  return transact(pool, `begin; set local throughline.workspace = '${workspaceId}'`, work);
}

async function transact<T>(
  pool: pg.Pool,
  begin: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // Without a listener, a server that goes away in the middle would take the process with it.
  const noteBroken = (error: Error): void => {
    broken = error;
  };
  client.on('error', noteBroken);
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: unknown) => {
      broken ??= rollbackError instanceof Error ? rollbackError : new TypeError('rollback failed');
    });
    throw error;
  } finally {
    client.off('error', noteBroken);
    client.release(broken);
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function parseTimestamp(text: string): number {
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  return Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
}
