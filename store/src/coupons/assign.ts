/**
 * One code for one message. The same message gets the same code at every attempt, two messages never get one: the row is taken with
 * `skip locked`, so that a thousand messages at once do not queue for the first free code, and a unique index stands behind it.
 */
import type { EnginePool } from '../journeys/types.js';
import { inWorkspace, type Queryable } from '../shared/index.js';
import { noteStock } from './pools.js';

export interface CouponWanted {
  readonly workspaceId: string;
  readonly pool: string;
  /** enrolment:step:visit */
  readonly deliveryKey: string;
  /** who entered */
  readonly customerId: string;
}

interface SealedCode {
  readonly keyId: string;
  readonly sealed: Buffer;
}

export type CouponVerdict =
  /** `ranLow`: with this one the pool began to run low */
  | { readonly kind: 'assigned'; readonly code: SealedCode; readonly ranLow: boolean }
  | { readonly kind: 'empty' }
  | { readonly kind: 'no_pool' };

export function assignCoupon(pool: EnginePool, wanted: CouponWanted): Promise<CouponVerdict> {
  return inWorkspace(pool, wanted.workspaceId, async (client) => {
    await oneAttemptAtATime(client, wanted);
    const before = await assignedBefore(client, wanted);
    if (before !== null) return { kind: 'assigned', code: before, ranLow: false };
    const code = await take(client, wanted);
    if (code === null)
      return (await poolExists(client, wanted)) ? { kind: 'empty' } : { kind: 'no_pool' };
    const { ranLow } = await noteStock(client, wanted.workspaceId, wanted.pool);
    return { kind: 'assigned', code, ranLow };
  });
}

/** Two attempts at one message: the second finds what the first has taken. */
async function oneAttemptAtATime(
  client: Queryable,
  { pool, deliveryKey }: CouponWanted,
): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 21))', [
    `${pool}:${deliveryKey}`,
  ]);
}

async function assignedBefore(
  client: Queryable,
  { workspaceId, pool, deliveryKey }: CouponWanted,
): Promise<SealedCode | null> {
  const { rows } = await client.query<SealedCode>(
    `select key_id as "keyId", sealed from coupon_code where workspace_id = $1 and pool_key = $2 and delivery_key = $3`,
    [workspaceId, pool, deliveryKey],
  );
  return rows[0] ?? null;
}

async function take(
  client: Queryable,
  { workspaceId, pool, deliveryKey, customerId }: CouponWanted,
): Promise<SealedCode | null> {
  const { rows } = await client.query<SealedCode>(
    // Materialised: a subselect in the join could be carried out once for each row, and would take as many codes.
    `with free as materialized (
       select code_id from coupon_code
        where workspace_id = $1 and pool_key = $2 and delivery_key is null
        order by code_id limit 1 for update skip locked)
     update coupon_code c
        set delivery_key = $3, customer_id = $4, assigned_at = clock_timestamp()
       from free
      where c.workspace_id = $1 and c.pool_key = $2 and c.code_id = free.code_id
     returning c.key_id as "keyId", c.sealed`,
    [workspaceId, pool, deliveryKey, customerId],
  );
  return rows[0] ?? null;
}

async function poolExists(
  client: Queryable,
  { workspaceId, pool }: CouponWanted,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from coupon_pool where workspace_id = $1 and pool_key = $2',
    [workspaceId, pool],
  );
  return rowCount === 1;
}
