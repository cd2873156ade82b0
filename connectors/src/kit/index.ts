/** The kit that every connector is built with: its shape, its faults, and the runtime that sends. */
export { AudienceMember, type AudienceCapability } from './audience.js';
export {
  defineConnector,
  type CheckResult,
  type ConnectorCategory,
  type ConnectorDefinition,
  type ConnectorLimits,
  type SettingsIssue,
} from './define-connector.js';
export { httpAction, type HttpActionSpec } from './http-action.js';
export { directAction, type DirectActionSpec, type DirectContext } from './direct-action.js';
export { runAction, type ActionOutcome, type ActionRequest } from './run-action.js';
export {
  attentionOf,
  resultOfFault,
  type Attention,
  type DeliveryFault,
  type FaultCode,
  type Idempotency,
} from './faults.js';
export type { DeliveryItem, ItemResult } from './results.js';
export type { HttpPlan, HttpResponse } from './http-plan.js';
export type { BuildContext, ConnectorLog, RunContext } from './context.js';
export type { TokenStore } from './access-token.js';
export { createPacer } from './pacer.js';
export { createEgress, type Egress } from './egress.js';
export { checkUrl, type EgressPolicy, type RefusalReason } from './ssrf-guard.js';
