import pg from 'pg';
import { inTransaction } from '../shared/index.js';
import { MIGRATIONS } from '../migrations/index.js';

export interface LaneLag {
  readonly workspaceId: string;
  /** age of the oldest input that is appended and not applied, ms; 0 when the lane is level */
  readonly lagMs: number;
  readonly stoppedReason: string | null;
}

/** Names of migrations that this build has and the database has not. Reads as the login itself: no role may see the list. */
export async function pendingMigrations(login: pg.Pool): Promise<string[]> {
  const known = await login.query<{ name: string }>('select name from schema_migration');
  const done = new Set(known.rows.map((row) => row.name));
  return MIGRATIONS.map((Migration) => new Migration().name).filter((name) => !done.has(name));
}

/** A pool of one without a role, for `pendingMigrations`. */
export function openLoginPool(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 3_000 });
  pool.on('error', () => undefined);
  return pool;
}

/** How far every lane is behind. Read only, through a pool of tl_lane: no other role may read the log. */
export async function readLaneLag(lanes: pg.Pool): Promise<LaneLag[]> {
  return inTransaction(lanes, async (client) => {
    await client.query('set transaction read only');
    const found = await client.query<LaneLag>(
      `select l.workspace_id as "workspaceId", l.stopped_reason as "stoppedReason",
              coalesce(extract(epoch from clock_timestamp() - oldest.clock) * 1000, 0)::float8 as "lagMs"
         from lane l
         left join lateral (select e.clock from event_log e
                             where e.workspace_id = l.workspace_id and e.position > l.position
                             order by e.position limit 1) oldest on true
        where l.stopped_reason is not null or oldest.clock is not null`,
    );
    return found.rows;
  });
}
