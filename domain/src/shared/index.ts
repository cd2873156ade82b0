export { assertNever, InvariantBroken } from './assert-never.js';
export { describeDuration, durationMs, type Duration, type DurationUnit } from './duration.js';
export { ERRORS, ThroughlineError, type ErrorCode, type Fault } from './errors.js';
export { compareRefs, type InputRef, type StampedRef } from './input-ref.js';
export { atPath, canonicalJson, isJsonObject, type Json, type JsonObject } from './json.js';
export { ok, refuse, type Result } from './result.js';
