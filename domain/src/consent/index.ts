export type * from './types.js';
export {
  applyConsent,
  applyConsents,
  mergeConsents,
  type AppliedConsents,
  type ConsentChange,
} from './apply-consent.js';
export { consentFor } from './consent-for.js';
export {
  consentsOf,
  CONSENT_CHANGED,
  UNSUBSCRIBED,
  type ConsentFault,
  type SpeakingEvent,
} from './consents-of.js';
