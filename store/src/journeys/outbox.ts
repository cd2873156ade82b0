/**
 * Starts and wakes on their way to Temporal. Rows are leased, not locked: the call to Temporal happens outside any transaction,
 * and a relay that dies leaves rows that the next one takes over when the lease is up.
 */
import type { openPool } from '../shared/index.js';

/** A pool of tl_relay. */
export type RelayPool = ReturnType<typeof openPool>;

export interface OutboxRow {
  readonly outboxId: number;
  readonly workspaceId: string;
  readonly enrolmentId: string;
  readonly journeyKey: string;
  readonly kind: 'start' | 'restart' | 'wake';
  readonly generation: number;
  readonly attempts: number;
  /** of the enrolment; null when it is gone */
  readonly version: number | null;
  readonly customerId: string | null;
  readonly createdAt: number;
}

export interface ClaimOptions {
  readonly limit: number;
  readonly leaseMs: number;
}

/** Only the first row of an enrolment is ever out: a wake never overtakes the start that it belongs to. */
export async function claimOutbox(
  pool: RelayPool,
  { limit, leaseMs }: ClaimOptions,
): Promise<OutboxRow[]> {
  const { rows } = await pool.query<OutboxRow>({
    name: 'claim-outbox',
    text: `
      with head as (
        select o.outbox_id from outbox o
         where o.leased_until < clock_timestamp()
           and not exists (select from outbox p where p.enrolment_id = o.enrolment_id and p.outbox_id < o.outbox_id)
         order by o.outbox_id
         limit $1
           for update skip locked),
      claimed as (
        update outbox o
           set leased_until = clock_timestamp() + make_interval(secs => $2::float8 / 1000), attempts = o.attempts + 1
          from head where o.outbox_id = head.outbox_id
        returning o.*)
      select c.outbox_id as "outboxId", c.workspace_id as "workspaceId", c.enrolment_id as "enrolmentId", c.journey_key as "journeyKey",
             c.kind, c.generation, c.attempts, c.created_at as "createdAt", e.version, e.customer_id as "customerId"
        from claimed c
        left join enrolment e on e.workspace_id = c.workspace_id and e.enrolment_id = c.enrolment_id
       order by c.outbox_id`,
    values: [limit, leaseMs],
  });
  return rows;
}

export async function deleteOutbox(pool: RelayPool, outboxIds: readonly number[]): Promise<void> {
  if (outboxIds.length === 0) return;
  await pool.query({
    name: 'delete-outbox',
    text: 'delete from outbox where outbox_id = any ($1::bigint[])',
    values: [outboxIds],
  });
}

/** Tried again after `delayMs`. */
export async function releaseOutbox(
  pool: RelayPool,
  outboxId: number,
  delayMs: number,
): Promise<void> {
  await pool.query({
    name: 'release-outbox',
    text: `update outbox set leased_until = clock_timestamp() + make_interval(secs => $2::float8 / 1000) where outbox_id = $1`,
    values: [outboxId, delayMs],
  });
}

/** How many rows wait, and for how long the oldest has: what readiness and alerts look at. */
export async function outboxBacklog(pool: RelayPool): Promise<{ rows: number; oldestMs: number }> {
  const { rows } = await pool.query<{ rows: number; oldest_ms: number }>(
    `select count(*)::int as rows,
            coalesce(extract(epoch from clock_timestamp() - min(created_at)) * 1000, 0)::float8 as oldest_ms from outbox`,
  );
  return { rows: rows[0]?.rows ?? 0, oldestMs: rows[0]?.oldest_ms ?? 0 };
}
