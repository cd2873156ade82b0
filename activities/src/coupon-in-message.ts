/** `{{ coupon }}`: a code of a pool, taken when the message is composed; every attempt at one message gets the same. */
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import { assignCoupon, couponOwner } from '@throughline/store/coupons';
import type { Settlement } from '@throughline/store/destinations';
import type { ActivityDependencies } from './dependencies.js';

export interface CouponRecipient {
  readonly request: { readonly workspaceId: string; readonly key: string };
  readonly customerId: string;
}

export type CouponInMessage =
  | { readonly coupon: string | null }
  /** there is no code, so there is no message */
  | { readonly settlement: Settlement };

type Composer = Pick<ActivityDependencies, 'pool' | 'openSecret' | 'log'>;

export async function couponFor(
  deps: Composer,
  body: JsonObject,
  { request: { workspaceId, key }, customerId }: CouponRecipient,
): Promise<CouponInMessage> {
  const use = useOf(body);
  if (use === null) return { coupon: null };
  const { pool, whenEmpty } = use;
  const verdict = await assignCoupon(deps.pool, {
    workspaceId,
    pool,
    deliveryKey: key,
    customerId,
  });
  if (verdict.kind !== 'assigned')
    return { settlement: settlementOf(verdict.kind, pool, whenEmpty) };
  if (verdict.ranLow) deps.log.warn({ workspaceId, pool }, 'a coupon pool runs low');
  const { code } = deps.openSecret(verdict.code, { workspaceId, connectionKey: couponOwner(pool) });
  if (typeof code === 'string') return { coupon: code };
  return { settlement: { state: 'failed', code: 'coupon_unreadable' } };
}

interface CouponUse {
  readonly pool: string;
  readonly whenEmpty: 'skip' | 'fail';
}

function useOf({ coupon }: JsonObject): CouponUse | null {
  if (coupon === undefined || !isJsonObject(coupon)) return null;
  const { pool, whenEmpty } = coupon;
  if (typeof pool !== 'string') return null;
  return { pool, whenEmpty: whenEmpty === 'fail' ? 'fail' : 'skip' };
}

/** A pool that is not there is a mistake of ours to be seen, whatever is said about an empty one. */
function settlementOf(
  kind: 'empty' | 'no_pool',
  pool: string,
  whenEmpty: 'skip' | 'fail',
): Settlement {
  if (kind === 'no_pool') return { state: 'failed', code: 'coupon_pool_missing', detail: pool };
  if (whenEmpty === 'fail') return { state: 'failed', code: 'coupon_pool_empty', detail: pool };
  return { state: 'skipped', reason: 'missing_variable', detail: `coupon: ${pool} is empty` };
}
