export { customerJourney } from './customer-journey.workflow.js';
export { ingestBatch } from './ingest-batch.workflow.js';
export { eraseCustomer } from './erase-customer.workflow.js';
export { applyRetention } from './apply-retention.workflow.js';
export { simulateJourney } from './simulate-journey.workflow.js';
export { reconcileIdentity } from './reconcile-identity.workflow.js';
export { pullSource } from './pull-source.workflow.js';
