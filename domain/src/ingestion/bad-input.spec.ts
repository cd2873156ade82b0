import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseBody } from './parse-body.js';
import { batchOf, row } from './testing/bodies.js';
import type { RejectionCode } from './types.js';

/** Every row of the table of malicious and malformed input, each between two neighbours that must come to no harm. */

const track = (properties: string, more = '') =>
  `{"type":"track","event":"Ordered","userId":"ada","messageId":"bad"${more},"properties":${properties}}`;
const neighbour = (id: string) =>
  `{"type":"track","event":"Ordered","userId":"bob","messageId":"${id}","properties":{"total":1}}`;
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const deepList = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const keys = (count: number) =>
  `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',')}}`;

const BAD: readonly [label: string, event: string, code: RejectionCode][] = [
  ['a NUL in a value', track('{"a":"x\\u0000y"}'), 'nul_character'],
  ['a NUL in a key', track('{"a\\u0000":1}'), 'nul_character'],
  [
    'a NUL in the event name',
    '{"type":"track","event":"A\\u0000","userId":"ada"}',
    'nul_character',
  ],
  ['a lone surrogate, escaped', track('{"a":"\\ud800"}'), 'lone_surrogate'],
  ['a lone low surrogate, in capitals', track('{"a":"\\uDC00 x"}'), 'lone_surrogate'],
  ['a lone surrogate in a key', track('{"\\ud83d":1}'), 'lone_surrogate'],
  ['a lone surrogate, raw', track('{"a":"\ud83d"}'), 'lone_surrogate'],
  ['1e200000', track('{"a":1e200000}'), 'non_finite_number'],
  ['1e400', track('{"a":[-1e400]}'), 'non_finite_number'],
  ['an integer of 23 digits', track('{"a":12345678901234567890123}'), 'number_precision_lost'],
  ['the first integer that is rounded', track('{"a":9007199254740993}'), 'number_precision_lost'],
  ['a negative one', track('{"a":[{"b":-9007199254740993}]}'), 'number_precision_lost'],
  [
    'a big user id without quotes',
    '{"type":"track","event":"A","userId":76561198000000001}',
    'number_precision_lost',
  ],
  ['33 levels', track(deep(32)), 'too_deep'],
  ['6,000 levels, which overflow when printed', track(deep(6_000)), 'too_large'],
  ['20,000 levels, which overflow PostgreSQL', track(deepList(20_000)), 'too_large'],
  ['200,000 levels', track(deepList(200_000)), 'too_large'],
  ['5,000 levels within the size', track(deepList(5_000)), 'too_deep'],
  ['__proto__', track('{"__proto__":{"admin":true}}'), 'forbidden_key'],
  ['__proto__, escaped', track('{"\\u005f_proto__":{"admin":true}}'), 'forbidden_key'],
  [
    '__proto__ at the top',
    `{"type":"track","event":"A","userId":"ada","__proto__":{"admin":true}}`,
    'forbidden_key',
  ],
  ['constructor', track('{"x":[{"constructor":{"prototype":{}}}]}'), 'forbidden_key'],
  ['prototype', track('{"prototype":1}'), 'forbidden_key'],
  ['1,001 keys', track(keys(1_001)), 'too_many_keys'],
  [
    'an event name of 256 characters',
    `{"type":"track","event":"${'x'.repeat(256)}","userId":"ada"}`,
    'name_too_long',
  ],
  ['a key of 256 characters', track(`{"${'k'.repeat(256)}":1}`), 'name_too_long'],
  ['more than 32 KB', track(`{"a":"${'x'.repeat(33_000)}"}`), 'too_large'],
  ['more than 32 KB in UTF-8', track(`{"a":"${'€'.repeat(11_000)}"}`), 'too_large'],
  ['more than 32 KB of white space', track(`{"a":${' '.repeat(33_000)}1}`), 'too_large'],
  ['a string of more than 64 KB', track(`{"a":"${'x'.repeat(66_000)}"}`), 'too_large'],
  [
    'a messageId of 256 characters',
    `{"type":"track","event":"A","userId":"ada","messageId":"${'m'.repeat(256)}"}`,
    'invalid_message_id',
  ],
  [
    'a messageId that is an object',
    '{"type":"track","event":"A","userId":"ada","messageId":{}}',
    'invalid_message_id',
  ],
  [
    'a messageId of our own making',
    '{"type":"track","event":"A","userId":"ada","messageId":"derived:1.0"}',
    'invalid_message_id',
  ],
  ['a timestamp that is none', track('{}', ',"timestamp":"yesterday"'), 'invalid_timestamp'],
  [
    'a timestamp of 31 February',
    track('{}', ',"timestamp":"2026-02-31T00:00:00Z"'),
    'invalid_timestamp',
  ],
  ['a timestamp that is an object', track('{}', ',"timestamp":{}'), 'invalid_timestamp'],
  [
    'a timestamp ages before sentAt',
    track('{}', ',"timestamp":"0001-01-01","sentAt":"9999-01-01"'),
    'invalid_timestamp',
  ],
  ['no object', '"track"', 'not_an_object'],
  ['null', 'null', 'not_an_object'],
  ['a list', '[1]', 'not_an_object'],
  ['a number', '1e400', 'non_finite_number'],
  ['no type', '{"event":"A","userId":"ada"}', 'unknown_type'],
  ['an unknown type', '{"type":"toString","userId":"ada"}', 'unknown_type'],
  ['batch as a type', '{"type":"batch","userId":"ada"}', 'unknown_type'],
  ['nobody', '{"type":"track","event":"A"}', 'missing_identity'],
  [
    'a blank nobody',
    '{"type":"track","event":"A","userId":"  ","anonymousId":null}',
    'missing_identity',
  ],
  ['an alias without previousId', '{"type":"alias","userId":"ada"}', 'missing_identity'],
  [
    'a userId that is an object',
    '{"type":"track","event":"A","userId":{"$ne":null}}',
    'invalid_field',
  ],
  [
    'a userId of 256 characters',
    `{"type":"track","event":"A","userId":"${'u'.repeat(256)}"}`,
    'invalid_field',
  ],
  ['track without event', '{"type":"track","userId":"ada"}', 'missing_event_name'],
  ['track with a blank event', '{"type":"track","userId":"ada","event":" "}', 'missing_event_name'],
  ['track with a number for event', '{"type":"track","userId":"ada","event":7}', 'invalid_field'],
  ['properties that are a list', track('[1]'), 'invalid_field'],
  ['traits that are text', '{"type":"identify","userId":"ada","traits":"x"}', 'invalid_field'],
  ['a context that is a list', '{"type":"identify","userId":"ada","context":[]}', 'invalid_field'],
  [
    'context.traits that are text',
    '{"type":"page","userId":"ada","context":{"traits":"x"}}',
    'invalid_field',
  ],
  ['a group without groupId', '{"type":"group","userId":"ada"}', 'invalid_field'],
  [
    'externalIds that are no list',
    '{"type":"page","userId":"a","context":{"externalIds":{}}}',
    'invalid_field',
  ],
  [
    'an external id of no type',
    '{"type":"page","userId":"a","context":{"externalIds":[{"id":"1"}]}}',
    'invalid_field',
  ],
  [
    'a consent that is none',
    '{"type":"track","event":"Consent Changed","userId":"a","properties":{"purpose":"m","state":"perhaps"}}',
    'invalid_field',
  ],
];

describe('bad input', () => {
  it.each(BAD)(
    '%s is rejected with its own text, and its neighbours are not',
    (_label, event, code) => {
      const { events, rejections } = batchOf(neighbour('before'), event, neighbour('after'));
      expect(events.map(({ messageId, ref }) => [messageId, ref.ordinal])).toEqual([
        ['before', 0],
        ['after', 2],
      ]);
      expect(rejections.map((rejection) => [rejection.ordinal, rejection.code])).toEqual([
        [1, code],
      ]);
      expect(rejections[0]?.body === event).toBe(true);
      expect(events[0]?.properties).toEqual({ total: 1 });
      expect({}).not.toHaveProperty('admin');
    },
  );

  it.each(BAD.filter(([, event]) => event.includes('"type":"track"')))(
    '%s is rejected alone as well',
    (_label, event, code) => {
      const { events, rejections } = parseBody(row('track', event));
      expect(events).toEqual([]);
      expect(rejections.map((rejection) => [rejection.ordinal, rejection.code])).toEqual([
        [0, code],
      ]);
      expect(rejections[0]?.body === event).toBe(true);
    },
  );

  it('keeps faults apart when every second event has one', () => {
    const mixed = BAD.flatMap(([, event], index) => [event, neighbour(`n${index}`)]);
    const { events, rejections } = batchOf(...mixed);
    expect(events.map(({ messageId }) => messageId)).toEqual(BAD.map((_, index) => `n${index}`));
    expect(rejections.map(({ code }) => code)).toEqual(BAD.map(([, , code]) => code));
  });
});

describe('what is unusual and good', () => {
  it.each([
    ['32 levels', track(deep(31))],
    ['1,000 keys in all', track(keys(995))],
    ['an event of just 32 KB', track(`{"a":"${'x'.repeat(32_768 - track('{"a":""}').length)}"}`)],
    ['a whole emoji, escaped', track('{"a":"\\ud83d\\ude00"}')],
    ['text about escapes', track('{"a":"\\\\u0000 \\\\ud800"}')],
    ['digits in a string', track('{"a":"12345678901234567890123"}')],
    ['the largest exact integer', track('{"a":9007199254740991}')],
    ['a big integer that is exact', track('{"a":9007199254740994}')],
    ['a big number written as one', track('{"a":1.2345e+30}')],
    ['a long fraction', track('{"a":0.1234567890123456789012}')],
    ['repeated keys, of which the last counts', track('{"a":1e400,"a":1}')],
    [
      'nulls for everything',
      '{"type":"track","event":"A","userId":"ada","messageId":"bad","properties":null,"context":null,"integrations":null,"timestamp":null}',
    ],
  ])('%s', (_label, event) => {
    const { events, rejections } = batchOf(neighbour('before'), event, neighbour('after'));
    expect(rejections).toEqual([]);
    expect(events.map(({ messageId }) => messageId)).toEqual(['before', 'bad', 'after']);
  });
});

describe('bodies that are bad as a whole', () => {
  it.each([
    ['not JSON', '{"batch":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no batch', '{}'],
    ['a batch that is an object', '{"batch":{}}'],
    ['empty', ''],
  ])('%s: one rejection with the whole text', (_label, body) => {
    const { events, rejections } = parseBody(row('batch', body));
    expect(events).toEqual([]);
    expect(rejections.length).toBeLessThanOrEqual(1);
    for (const rejection of rejections) expect(rejection.body).toBe(body);
  });

  it('saves the good events of a batch that is cut off', () => {
    const { events, rejections } = parseBody(
      row('batch', `{"batch":[${neighbour('a')},${neighbour('b')},{"type":"tr`),
    );
    expect(events.map(({ messageId }) => messageId)).toEqual(['a', 'b']);
    expect(rejections).toMatchObject([{ ordinal: 2, code: 'not_an_object', body: '{"type":"tr' }]);
  });

  it('rejects every event for a bad context of the batch, each with its own text', () => {
    const bad = `{"batch":[${neighbour('a')},${neighbour('b')}],"context":{"x":"\\u0000"}}`;
    const { events, rejections } = parseBody(row('batch', bad));
    expect(events).toEqual([]);
    expect(rejections.map(({ code, body }) => [code, body])).toEqual([
      ['nul_character', neighbour('a')],
      ['nul_character', neighbour('b')],
    ]);
  });

  it('counts a context of the batch against the size of an event', () => {
    const large = `{"batch":[${neighbour('a')}],"context":{"x":"${'y'.repeat(33_000)}"}}`;
    expect(parseBody(row('batch', large)).rejections).toMatchObject([{ code: 'too_large' }]);
  });
});

describe('any batch', () => {
  it('accounts for every event once, in order, whatever stands in it', () => {
    const good = fc.nat().map((n) => ({ text: neighbour(`g${n}`), good: true }));
    const bad = fc
      .constantFrom(...BAD.filter(([, text]) => text.length < 5_000))
      .map(([, text]) => ({ text, good: false }));
    const noise = fc.json().map((text) => ({ text, good: false }));
    fc.assert(
      fc.property(fc.array(fc.oneof(good, bad, noise), { maxLength: 30 }), (list) => {
        const { events, rejections } = batchOf(...list.map(({ text }) => text));
        const accepted = new Set(events.map(({ ref }) => ref.ordinal));
        const rejected = new Map(rejections.map(({ ordinal, body }) => [ordinal, body]));
        list.forEach(({ text, good: isGood }, ordinal) => {
          expect(accepted.has(ordinal)).toBe(isGood);
          expect(rejected.get(ordinal)).toBe(isGood ? undefined : text);
        });
      }),
      { numRuns: 300 },
    );
  });
});
