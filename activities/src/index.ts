/** What workflows may ask for. Each activity does one thing that may be done twice. */
import { cancellationSignal } from '@temporalio/activity';
import {
  readOperatorVerdict,
  recordOperatorRequest,
  stepEnrolment,
} from '@throughline/store/journeys';
import type { DeliverActivities, JourneyLocalActivities } from '@throughline/workflows/contract';
import { translated } from './activity-errors.js';
import { deliver } from './deliver.js';
import type { ActivityDependencies } from './dependencies.js';

export { createBatchActivities, type BatchActivities } from './batch-activities.js';
export type { ActivityDependencies, ActivityLog } from './dependencies.js';
export { createEraseActivities, type EraseDependencies, type RunKeeper } from './erase.js';
export { createRetentionActivities } from './retention.js';

export function createActivities(
  deps: ActivityDependencies,
): JourneyLocalActivities & DeliverActivities {
  const { pool, log } = deps;
  return {
    step: (request) => translated(log, 'step', () => stepEnrolment(pool, request)),
    recordRequest: (request) =>
      translated(log, 'recordRequest', () => recordOperatorRequest(pool, request)),
    readVerdict: (request) =>
      translated(log, 'readVerdict', () => readOperatorVerdict(pool, request)),
    deliver: (request) =>
      translated(log, 'deliver', () => deliver(deps, request, cancellationSignal())),
  };
}
