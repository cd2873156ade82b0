/**
 * Segments read by SQL: present and past memberships, and conditions that are asked of everybody. Only the lane writes memberships.
 * What compiles a condition runs as `tl_reader` (asReader).
 */
export { compileCondition, type ConditionAt } from './compile-condition.js';
export {
  countMembersAsOf,
  listMembersAsOf,
  readSizeHistory,
  type HistoryBucket,
  type SizePoint,
  type SizeWanted,
} from './history.js';
export {
  countMembers,
  listMembers,
  readMemberships,
  type Membership,
  type Member,
} from './memberships.js';
export { readOverlap, type Overlap } from './overlap.js';
export { previewMembers, type Preview, type PreviewWanted, type Reach } from './preview.js';
export { asReader, readFreshness, type Freshness } from './reader.js';
export { compareMembers, recomputeMembers, type MembershipDrift } from './recompute.js';
export type { SqlQuery } from './sql-parameters.js';
export { whoAmI, type TestOutcome, type WhoAmI } from './who-am-i.js';
