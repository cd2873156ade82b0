export { assertNever, InvariantBroken } from './assert-never.js';
export { seededChance, shuffled } from './chance.js';
export { describeDuration, durationMs, type Duration, type DurationUnit } from './duration.js';
export { ERRORS, ThroughlineError, type ErrorCode, type Fault } from './errors.js';
export { compareRefs, type InputRef, type StampedRef } from './input-ref.js';
export {
  atPath,
  canonicalJson,
  isJsonList,
  isJsonObject,
  parseJson,
  type Json,
  type JsonObject,
} from './json.js';
export { ok, refuse, type Result } from './result.js';
export { parseTime, MIN_TIME } from './time.js';
export { hasLoneSurrogate, hasNul, isWellFormedText } from './text.js';
export { hash128 } from './hash128.js';
export { utf8Length } from './text.js';
export { faultsOf } from './faults.js';
export {
  addDays,
  happens,
  instantOf,
  inYear,
  isZone,
  localDateOf,
  minuteOfDay,
  nextLocalTime,
  parseLocalDate,
  weekdayOf,
  WEEKDAYS,
  type LocalDate,
  type LocalTime,
  type Weekday,
} from './zoned-time.js';
