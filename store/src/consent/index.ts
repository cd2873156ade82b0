/** Consents and suppressions as the API reads them, and the one-click way out, which enters through the log. */
export {
  listSuppressions,
  readConsentHistory,
  readConsents,
  type ConsentChangeRow,
  type ConsentRow,
  type SuppressionRow,
} from './consents.js';
export {
  createUnsubscribeSigner,
  type UnsubscribeClaim,
  type UnsubscribeSigner,
} from './unsubscribe-token.js';
export { appendUnsubscribe } from './unsubscribe.js';
export {
  listErasures,
  readErasure,
  requestErasure,
  type Erasure,
  type ErasureState,
} from './erasures.js';
export {
  appendFinish,
  certify,
  listErasedRuns,
  listOpenErasures,
  noteRunForgotten,
  noteTold,
  openPrivacyPool,
  readErasedConnections,
  readErasedPerson,
  stateOfErasure,
  type EraseRef,
  type ErasedRun,
  type PrivacyPool,
} from './erasing.js';
export { eraseTexts } from './erase-texts.js';
export { listErasedAudiences } from './erased-audiences.js';
export {
  dropPartition,
  keepPartitionsAhead,
  listExpiredPartitions,
  listSweptWorkspaces,
  sweepRows,
  type Partition,
  type Removed,
  type RetentionPolicy,
} from './retention.js';
export { appendConsents } from './change-consents.js';
export { EXPORT_SECTIONS, exportPage, type ExportPage, type ExportPlace } from './export-person.js';
export {
  createPreferenceSigner,
  type PreferenceClaim,
  type PreferenceSigner,
} from './preference-token.js';
export { readPreferences, type Preference } from './preferences.js';
export { addSuppressions, removeSuppression, type SuppressionLine } from './suppress.js';
