/** Pools of codes that are given away, one to a message. */
export { addCodes, couponOwner, type NewCode } from './add-codes.js';
export { assignCoupon, type CouponVerdict, type CouponWanted } from './assign.js';
export { listPools, putPool, readPool, type CouponPool } from './pools.js';
