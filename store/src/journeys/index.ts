export { openEnginePool, Superseded } from './customer-lock.js';
export { readOperatorVerdict, recordOperatorRequest } from './operator-requests.js';
export {
  claimOutbox,
  deleteOutbox,
  outboxBacklog,
  releaseOutbox,
  type OutboxRow,
  type RelayPool,
} from './outbox.js';
export {
  holdEnrolment,
  listOpenEnrolments,
  listWorkspaces,
  restartRun,
  wakeForgotten,
  wakeJourney,
  type OpenEnrolment,
} from './reconcile.js';
export { stepEnrolment } from './step.js';
export type { EnginePool } from './types.js';
