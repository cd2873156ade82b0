export { askDueAudiences, listOpenAudienceRuns } from './audience-due.js';
export { endAudienceRun, openAudienceRun } from './audience-open.js';
export { claimAudiencePage, readDeclaredPage } from './audience-pages.js';
export { planAudiencePage } from './audience-plan-page.js';
export {
  askAudienceRun,
  listAudienceRuns,
  readAudienceRun,
  readAudienceState,
  redriveAudience,
  type AudienceState,
} from './audience-runs.js';
export { releaseAudiencePage, settleAudiencePage } from './audience-settle.js';
export type {
  AudienceOutcome,
  AudiencePage,
  AudienceRun,
  AudienceWork,
  OpenAudienceRun,
} from './audience-types.js';
export { beginSending, releaseDelivery, reserveDelivery } from './deliveries.js';
export { addressHash } from './hashes.js';
export { currentToken } from './oauth-tokens.js';
export { noteConnectionHealth, settleDelivery } from './settle.js';
export type { Settlement, Ticket } from './types.js';
export { tryNextRoute } from './ways.js';
export { recordReceipt, type Receipt, type ReceiptVerdict } from './receipts.js';
