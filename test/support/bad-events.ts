/** Events that are malformed or malicious, as text: what they are, how they are written, and the code they go to quarantine with. */
import type { RejectionCode } from '@throughline/domain/ingestion';

export type BadEvent = readonly [label: string, text: string, code: RejectionCode];

const track = (properties: string, more = ''): string =>
  `{"type":"track","event":"Ordered","userId":"mallory"${more},"properties":${properties}}`;
const objects = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const lists = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const keys = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',')}}`;

/** What passes a JSON parser and would destroy a batch in the database, lose data silently, or overflow a stack. */
const TREACHEROUS: readonly BadEvent[] = [
  ['a NUL in a value', track('{"a":"x\\u0000y"}'), 'nul_character'],
  ['a NUL in a key', track('{"a\\u0000":1}'), 'nul_character'],
  ['a lone surrogate', track('{"a":"\\ud800"}'), 'lone_surrogate'],
  ['a lone low surrogate in a key', track('{"\\uDC00":1}'), 'lone_surrogate'],
  ['1e200000', track('{"a":1e200000}'), 'non_finite_number'],
  ['1e400', track('{"a":[-1e400]}'), 'non_finite_number'],
  ['an integer of 23 digits', track('{"a":12345678901234567890123}'), 'number_precision_lost'],
  ['5,000 levels', track(lists(5_000)), 'too_deep'],
  ['7,000 levels, which overflow when printed', track(objects(7_000)), 'too_large'],
  ['20,000 levels, which overflow the database', track(lists(20_000)), 'too_large'],
  ['200,000 levels', track(lists(200_000)), 'too_large'],
  ['__proto__', track('{"__proto__":{"admin":true}}'), 'forbidden_key'],
  ['__proto__, escaped', track('{"\\u005f_proto__":{"admin":true}}'), 'forbidden_key'],
  ['__proto__ of the event', track('{}', ',"__proto__":{"admin":true}'), 'forbidden_key'],
  [
    'constructor.prototype',
    track('{"x":{"constructor":{"prototype":{"admin":true}}}}'),
    'forbidden_key',
  ],
];

/** What is beyond the limits. */
const EXCESSIVE: readonly BadEvent[] = [
  ['33 levels', track(objects(32)), 'too_deep'],
  ['1,001 keys', track(keys(1_001)), 'too_many_keys'],
  [
    'a name of 256 characters',
    `{"type":"track","event":"${'x'.repeat(256)}","userId":"mallory"}`,
    'name_too_long',
  ],
  ['a key of 256 characters', track(`{"${'k'.repeat(256)}":1}`), 'name_too_long'],
  ['an event of more than 32 KB', track(`{"a":"${'x'.repeat(33_000)}"}`), 'too_large'],
  ['a string of more than 64 KB', track(`{"a":"${'x'.repeat(66_000)}"}`), 'too_large'],
  ['32 KB of white space', track(`{"a":${' '.repeat(33_000)}1}`), 'too_large'],
];

/** What is no event. */
const SHAPELESS: readonly BadEvent[] = [
  ['text', '"track"', 'not_an_object'],
  ['null', 'null', 'not_an_object'],
  ['a list', '[1]', 'not_an_object'],
  ['no type', '{"event":"Ordered","userId":"mallory"}', 'unknown_type'],
  ['a type from the prototype', '{"type":"toString","userId":"mallory"}', 'unknown_type'],
  ['nobody', '{"type":"track","event":"Ordered"}', 'missing_identity'],
  [
    'a query for a user id',
    '{"type":"track","event":"Ordered","userId":{"$ne":null}}',
    'invalid_field',
  ],
  ['track without a name', '{"type":"track","userId":"mallory"}', 'missing_event_name'],
  ['properties that are a list', track('[1]'), 'invalid_field'],
  ['a time that is none', track('{}', ',"timestamp":"yesterday"'), 'invalid_timestamp'],
  ['31 February', track('{}', ',"timestamp":"2026-02-31T00:00:00Z"'), 'invalid_timestamp'],
  ['a message id that is an object', track('{}', ',"messageId":{}'), 'invalid_message_id'],
  [
    'a consent that is none',
    '{"type":"track","event":"Consent Changed","userId":"mallory","properties":{"purpose":"m","state":"perhaps"}}',
    'invalid_field',
  ],
];

export const BAD_EVENTS: readonly BadEvent[] = [...TREACHEROUS, ...EXCESSIVE, ...SHAPELESS];
