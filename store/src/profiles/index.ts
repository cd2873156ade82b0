/** Profiles as the API reads them; only the lane writes them. */
export { readProfileAsOf } from './as-of.js';
export {
  findCustomer,
  listCustomers,
  readCustomer,
  type CustomerRow,
  type CustomerSummary,
} from './customers.js';
export {
  PROFILE_PARTS,
  readProfile,
  type Profile,
  type ProfileConsent,
  type ProfilePart,
} from './profile.js';
export { searchCustomers } from './search.js';
export { readVocabulary, type Vocabulary } from './vocabulary.js';
export {
  readEventStream,
  readTimeline,
  type EventFilter,
  type EventPlace,
  type TimelineEvent,
} from './timeline.js';
