/** Identity as the API reads it: identifiers, merges, alerts, and what other rules would do. Only the lane writes any of it. */
export { listAlerts, type AlertRow } from './alerts.js';
export { readIdentifiers, type IdentifierRow } from './identifiers.js';
export { pickMerge, readMerges, type MergeRow } from './merges.js';
export {
  compareRules,
  readLiveRules,
  RULES_KEY,
  type ComparedRules,
  type Comparing,
} from './rules.js';
export { closeRun, settlePage, writeMatch, type Match, type SettledPage } from './proposals.js';
export {
  readComparedCustomers,
  readDifferences,
  type ComparedCustomer,
  type Pair,
} from './reconcile-customers.js';
export {
  applySchedules,
  askReconcile,
  beginRun,
  listOpenRuns,
  listRuns,
  putSchedule,
  readRun,
  readSchedule,
  writeScheduledRun,
  type Group,
  type OpenRun,
  type ReconcileRun,
  type Schedule,
} from './reconcile-runs.js';
export {
  decideSuggestion,
  listSuggestions,
  readSuggestion,
  SUGGESTION_STATES,
  type Decision,
  type Suggestion,
} from './suggestions.js';
