export {
  inTransaction,
  inWorkspace,
  openPool,
  type DatabaseRole,
  type PoolOptions,
  type Queryable,
} from './database.js';
export { grantRoles } from './grant-roles.js';
export { applyChangedSchedules, type ChangedSchedule } from './hourly-schedules.js';
export { migrate } from './migrate.js';
export { classifyStoreError, type StoreFault } from './sql-state.js';
export { derivedId, newId } from './uuid.js';
