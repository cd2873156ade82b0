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
