/** Rows that say how often a workspace wants something done, and which of their revisions Temporal has been told of. */
import type pg from 'pg';
import { inTransaction } from './database.js';

export interface ChangedSchedule {
  readonly workspaceId: string;
  /** null: no more by the clock */
  readonly everyHours: number | null;
}

/** With the columns workspace_id, every_hours, revision and applied_revision. */
type ScheduleTable = 'reconcile_schedule' | 'recommendation_setting';

/** Tells `apply` of every schedule that Temporal has not been told of yet; one that fails is told again. */
export async function applyChangedSchedules(
  pool: pg.Pool,
  table: ScheduleTable,
  apply: (schedule: ChangedSchedule) => Promise<void>,
): Promise<void> {
  const { rows } = await pool.query<ChangedSchedule & { readonly revision: number }>(
    `select workspace_id as "workspaceId", every_hours as "everyHours", revision from ${table}
      where applied_revision < revision limit 100`,
  );
  for (const { revision, ...schedule } of rows) {
    await apply(schedule);
    await inTransaction(pool, (client) =>
      client.query(
        `update ${table} set applied_revision = greatest(applied_revision, $2) where workspace_id = $1`,
        [schedule.workspaceId, revision],
      ),
    );
  }
}
