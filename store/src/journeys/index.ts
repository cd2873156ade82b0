export { openEnginePool, Superseded } from './customer-lock.js';
export type { ChainDelivery, ChainEntry, EnrolmentChain } from './explain-chain.js';
export { explainJourney, type Explanation, type NeverTriggered } from './explain.js';
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
export { putPublishLimit, readPublishLimit } from './publish-limit.js';
export {
  measureBlastRadius,
  simulateNextPage,
  type MeasuredRadius,
  type SimulationProgress,
} from './simulate.js';
export { planSimulation, type SimulationPlan } from './simulation-plan.js';
export {
  createSimulation,
  failSimulation,
  listOpenSimulations,
  readSimulation,
  type OpenSimulation,
  type SimulationRow,
} from './simulations.js';
export { stepEnrolment } from './step.js';
export type { EnginePool } from './types.js';
