export type * from './types.js';
export {
  doorCheck,
  revocationsOf,
  type Admitted,
  type Refused,
  type Revocation,
} from './door-check.js';
export { UNMAPPED } from './event-type.js';
export { fingerprint } from './fingerprint.js';
export { EVENT_LIMITS } from './limits.js';
export { isTelling, namesPerson, textNames, type NamedPerson, type Names } from './named-person.js';
export { parseBody, type ParsedBody } from './parse-body.js';
export { parseEvent, type ReceivedContext } from './parse-event.js';
export { readBody, type RawBody, type RawEvent } from './read-body.js';
export { redactBody, type IsGone, type Redacted } from './redact-body.js';
export { splitBatch } from './split-batch.js';
