/** What is old goes: whole partitions of what all workspaces share, and rows of each workspace. */
import type pg from 'pg';
import { inTransaction, type Queryable } from '../shared/index.js';

/** Days; null: kept for ever. */
export interface RetentionPolicy {
  /** bodies as they were sent; needed until they are applied, then for looking into */
  readonly logDays: number;
  /** events as they were applied: what segments look back on, rebuilds and unmerges begin with */
  readonly eventDays: number | null;
  readonly quarantineDays: number;
  readonly rejectDays: number;
  /** trail of enrolments that ended so long ago */
  readonly trailDays: number | null;
}

/** De-duplication looks back this far; a day more, because a partition is a day. */
const SEEN_DAYS = 9;
/** Answers are kept for a day. */
const ANSWER_DAYS = 1;
/** Made ahead; API and lane never wait for one. */
const DAYS_AHEAD = 14;

export type Removed = Readonly<Record<string, number>>;

export interface Partition {
  readonly parent: 'event_log' | 'message_seen' | 'event';
  /** yyyy-mm-dd */
  readonly day: string;
}

/** Partitions that are to go, oldest first. One with inputs that a lane has not applied stays. */
export async function listExpiredPartitions(
  pool: pg.Pool,
  { logDays, eventDays }: Pick<RetentionPolicy, 'logDays' | 'eventDays'>,
): Promise<Partition[]> {
  const { rows } = await pool.query<Partition & { partition: string }>(
    `select p.relname as parent, c.relname as partition, to_char(to_date(right(c.relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD') as day
       from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_class c on c.oid = i.inhrelid
       join (values ('event_log', $1::int), ('message_seen', $2::int), ('event', $3::int)) as k(parent, days) on k.parent = p.relname
      where k.days is not null and c.relname ~ '_[0-9]{8}$'
        and to_date(right(c.relname, 8), 'YYYYMMDD') < (clock_timestamp() at time zone 'utc')::date - k.days
      order by 3, 1`,
    [Math.max(logDays, 1), SEEN_DAYS, eventDays],
  );
  const expired: Partition[] = [];
  for (const { parent, day } of rows)
    if (parent !== 'event_log' || (await isApplied(pool, day))) expired.push({ parent, day });
  return expired;
}

async function isApplied(pool: pg.Pool, day: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from event_log r join lane l on l.workspace_id = r.workspace_id
      where r.clock >= ($1 || ' 00:00:00+00')::timestamptz and r.clock < ($1 || ' 00:00:00+00')::timestamptz + interval '1 day'
        and r.position > l.position limit 1`,
    [day],
  );
  return rowCount === 0;
}

/** False where it was gone already. */
export async function dropPartition(pool: pg.Pool, { parent, day }: Partition): Promise<boolean> {
  const { rows } = await pool.query<{ dropped: boolean }>(
    'select drop_partition($1, $2::date) as dropped',
    [parent, day],
  );
  return rows[0]?.dropped === true;
}

export async function keepPartitionsAhead(pool: pg.Pool): Promise<void> {
  await pool.query('select keep_partitions($1)', [DAYS_AHEAD]);
}

interface OldRows {
  readonly table: string;
  readonly key: string;
  readonly where: string;
  readonly days: number | null;
}

function oldRows(policy: RetentionPolicy): readonly OldRows[] {
  const before = (column: string): string =>
    `${column} < clock_timestamp() - make_interval(days => $2)`;
  return [
    {
      table: 'quarantine',
      key: 'quarantine_id',
      where: before('received_at'),
      days: policy.quarantineDays,
    },
    {
      table: 'import_reject',
      key: 'import_id, row_number',
      where: `import_id in (select i.import_id from import i where i.workspace_id = $1 and ${before('coalesce(i.finished_at, i.created_at)')})`,
      days: policy.rejectDays,
    },
    {
      table: 'idempotent_answer',
      key: 'idempotency_key',
      where: before('created_at'),
      days: ANSWER_DAYS,
    },
    {
      table: 'trail',
      key: 'enrolment_id, seq, entry',
      where: `enrolment_id in (select e.enrolment_id from enrolment e where e.workspace_id = $1 and e.state = 'ended' and ${before('e.ended_at')})`,
      days: policy.trailDays,
    },
  ];
}

/** Rows deleted in one transaction: small enough for nobody to wait for. */
const PAGE = 5_000;

export async function listSweptWorkspaces(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ workspace_id: string }>(
    'select workspace_id from workspace order by workspace_id',
  );
  return rows.map((row) => row.workspace_id);
}

export interface RowSweep {
  readonly workspaceId: string;
  readonly policy: RetentionPolicy;
  /** counts and deletes nothing */
  readonly dryRun: boolean;
  readonly beat: () => void;
}

export async function sweepRows(pool: pg.Pool, sweep: RowSweep): Promise<Removed> {
  const removed: Record<string, number> = {};
  for (const old of oldRows(sweep.policy)) {
    if (old.days === null) continue;
    removed[old.table] = sweep.dryRun
      ? await countOld(pool, sweep.workspaceId, old)
      : await deleteOld(pool, sweep, old);
  }
  return removed;
}

async function countOld(
  pool: pg.Pool,
  workspaceId: string,
  { table, where, days }: OldRows,
): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*) as count from ${table} where workspace_id = $1 and ${where}`,
    [workspaceId, days],
  );
  return rows[0]?.count ?? 0;
}

async function deleteOld(
  pool: pg.Pool,
  { workspaceId, beat }: RowSweep,
  old: OldRows,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const page = await inTransaction(pool, (client) => deletePage(client, workspaceId, old));
    removed += page;
    beat();
    if (page < PAGE) return removed;
  }
}

async function deletePage(
  client: Queryable,
  workspaceId: string,
  { table, key, where, days }: OldRows,
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from ${table} where workspace_id = $1 and (${key}) in (
       select ${key} from ${table} where workspace_id = $1 and ${where} limit ${PAGE})`,
    [workspaceId, days],
  );
  return rowCount ?? 0;
}
