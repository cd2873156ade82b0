import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalJson,
  isJsonList,
  isJsonObject,
  parseJson,
  type Json,
  type JsonObject,
} from '../shared/index.js';
import { fingerprint } from './fingerprint.js';
import { oneEvent } from './testing/bodies.js';
import type { ParsedEvent } from './types.js';

const base: ParsedEvent = oneEvent('track', {
  event: 'Ordered',
  userId: 'ada',
  messageId: 'm1',
  properties: { a: 1, b: { c: [1, 2], d: 'x' } },
});

function withProperties(properties: JsonObject): string {
  return fingerprint({ ...base, properties });
}

/** The same value with every object's keys the other way round. */
function reversed(value: Json): Json {
  if (isJsonList(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe('fingerprint', () => {
  it('has the shape of a UUID, and stays what it is from release to release', () => {
    expect(fingerprint(base)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    // A change of this value turns every repeat that straddles the upgrade into a quarantined event.
    expect(fingerprint(base)).toBe('6d5f33bc-78fd-c991-0701-5d3635f73eb3');
  });

  it('is the same for the same event sent again: later, from elsewhere in the log, under another id', () => {
    const again = {
      ...base,
      messageId: 'm2',
      eventTime: base.eventTime + 60_000,
      originalTime: 1,
      ref: { position: 99, ordinal: 3, clock: base.ref.clock + 60_000 },
    };
    expect(fingerprint(again)).toBe(fingerprint(base));
  });

  it('is the same for any order of keys, and for nothing else', () => {
    const json = fc
      .jsonValue({ maxDepth: 3, stringUnit: 'binary' })
      .map((value) => parseJson(JSON.stringify(value)) ?? null);
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(withProperties({ v: reversed(a) })).toBe(withProperties({ v: a }));
        const same = canonicalJson(a) === canonicalJson(b);
        expect(withProperties({ v: a }) === withProperties({ v: b })).toBe(same);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, Partial<ParsedEvent>]>([
    ['name', { name: 'Other' }],
    ['type', { type: 'page' }],
    ['identifiers', { identifiers: [{ type: 'user_id', value: 'bob' }] }],
    ['previous', { previous: [{ type: 'user_id', value: 'ada' }] }],
    ['customer', { customerId: 'c' }],
    ['traits', { traits: { a: 1 } }],
    ['properties', { properties: { a: 1 } }],
    ['context', { context: { locale: 'de' } }],
  ])('changes with the %s', (_label, change) => {
    expect(fingerprint({ ...base, ...change })).not.toBe(fingerprint(base));
  });

  it('is not deceived by values that print alike', () => {
    const values: readonly Json[] = [
      '1',
      1,
      true,
      'true',
      null,
      'null',
      '',
      [],
      {},
      [[]],
      [{}],
      ['1', '2'],
      ['1,2'],
      ['1', ''],
      { a: 'b,1:c="1:d' },
      { a: 'b', c: 'd' },
      [null],
      ['null'],
      0,
      '0',
      { '': '' },
      { '0': 1 },
      [1],
    ];
    expect(new Set(values.map((v) => withProperties({ v }))).size).toBe(values.length);
  });

  it('never meets itself over 20,000 orders', () => {
    const seen = new Set(
      Array.from({ length: 20_000 }, (_, i) => withProperties({ order: `o-${i}`, total: i % 7 })),
    );
    expect(seen.size).toBe(20_000);
  });
});
