/** Management: workspaces and keys, sources, definitions, stops, audit, and what operators read and settle. */
export {
  createWorkspace,
  findWorkspaceByKey,
  readWorkspace,
  type Workspace,
} from './workspaces.js';
export {
  hashKey,
  isScope,
  isWellFormedKey,
  keyPrefix,
  makeKey,
  SCOPES,
  type Scope,
} from './api-key.js';
export {
  createKey,
  issueKey,
  listKeys,
  lookUpKey,
  readKey,
  revokeKey,
  rotateKey,
  type ApiKey,
  type IssuedKey,
  type KeyHolder,
  type NewKey,
} from './keys.js';
export {
  createSource,
  listSources,
  putSource,
  readSource,
  setSourceState,
  type Source,
} from './sources.js';
export {
  archiveDefinition,
  DEFINITION_KINDS,
  listDefinitions,
  lockDefinition,
  lockLiveDefinitions,
  putDefinition,
  readDefinition,
  readLiveDefinitions,
  setDefinitionState,
  type Definition,
  type DefinitionKind,
  type DefinitionRef,
  type DefinitionState,
} from './definitions.js';
export {
  listVersions,
  publishDefinition,
  readVersion,
  type DefinitionVersion,
  type Publication,
} from './versions.js';
export {
  deleteConnectionSecret,
  putConnectionHealth,
  putConnectionSecret,
  readConnectionHealth,
  readConnectionSecret,
  type ConnectionHealth,
} from './connections.js';
export { createSecretBox, secretOwner, type Sealed, type SecretBox } from './secret-box.js';
export {
  liftStop,
  listStops,
  stopSending,
  wakeBlocked,
  type SendingStop,
  type StopScope,
  type StopTarget,
} from './stops.js';
export { listAudit, writeAudit, type AuditEntry, type AuditRow } from './audit.js';
export {
  claimIdempotencyKey,
  dropExpiredAnswers,
  keepIdempotentAnswer,
  releaseIdempotencyKey,
  type EarlierAnswer,
} from './idempotency.js';
export {
  listEnrolments,
  readEnrolment,
  readTrail,
  type Enrolment,
  type EnrolmentFilter,
  type EnrolmentState,
  type TrailRow,
} from './enrolments.js';
export { listDeliveries, readDelivery, type Delivery, type DeliveryFilter } from './deliveries.js';
export {
  listQuarantine,
  lockQuarantined,
  readQuarantined,
  settleQuarantined,
  type QuarantineFilter,
  type QuarantineItem,
  type QuarantineState,
} from './quarantine.js';
export { putCaps, readCaps, type Caps } from './caps.js';
export { readJourneyNumbers, type JourneyNumbers, type StepNumbers } from './numbers.js';
export { openLoginPool, pendingMigrations, readLaneLag, type LaneLag } from './readiness.js';
