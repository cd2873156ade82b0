import { InvariantBroken } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

/**
 * Makes the rest of the transaction a reader: `tl_reader` (migration 0008) sees every workspace and may write nothing, so every
 * statement that follows names its workspace. One snapshot, so that count, sample and reach of one answer agree.
 * Must be the first statement of the transaction that reads.
 */
export async function asReader(
  client: Queryable,
  { timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  // Compiling a generated plan costs more than it saves; hashes of a million people should not spill.
  await client.query(`
    set transaction isolation level repeatable read, read only;
    set local role tl_reader;
    set local jit = off;
    set local work_mem = '64MB';
    set local cursor_tuple_fraction = 1;
    set local statement_timeout = ${Math.trunc(timeoutMs)};`);
}

export interface Freshness {
  /** the instant that windows are measured against, ms since epoch: never behind the lane's clock */
  readonly now: number;
  /** inputs that are received and not applied yet; 0 when the lane is level */
  readonly behind: number;
}

/** How fresh the numbers of this transaction are. */
export async function readFreshness(client: Queryable, workspaceId: string): Promise<Freshness> {
  const { rows } = await client.query<Freshness>(
    `select date_trunc('milliseconds', greatest(transaction_timestamp(), l.clock)) as now,
            greatest(a.position - l.position, 0) as behind
       from lane l join lane_append a using (workspace_id)
      where l.workspace_id = $1`,
    [workspaceId],
  );
  const [row] = rows;
  if (row === undefined) throw new InvariantBroken('a workspace without a lane');
  return row;
}
