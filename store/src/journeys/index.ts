export { openEnginePool, Superseded } from './customer-lock.js';
export {
  readOperatorVerdict,
  recordOperatorRequest,
  type NewRequest,
} from './operator-requests.js';
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
export type { DriverCommand, EnginePool, OperatorKind, StepRequest, Verdict } from './types.js';
