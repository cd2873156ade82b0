import { describe, expect, it } from '@jest/globals';
import { doorCheck, revocationsOf } from './door-check.js';
import type { Endpoint } from './types.js';

function check(endpoint: Endpoint, body: object) {
  return doorCheck(endpoint, JSON.stringify(body));
}

describe('doorCheck', () => {
  it.each<[Endpoint, string, string]>([
    ['track', '', 'malformed_json'],
    ['track', '{"a":', 'malformed_json'],
    ['batch', "{'batch':[]}", 'malformed_json'],
    ['track', '[]', 'invalid_request'],
    ['track', '"x"', 'invalid_request'],
    ['track', 'null', 'invalid_request'],
    ['batch', '{}', 'invalid_request'],
    ['batch', '{"batch":{}}', 'invalid_request'],
    ['batch', '{"batch":"x"}', 'invalid_request'],
    [
      'batch',
      `{"batch":[${Array.from({ length: 2_501 }, () => '{}').join(',')}]}`,
      'too_many_events',
    ],
  ])('%s %#: refused as %s', (endpoint, text, code) => {
    expect(doorCheck(endpoint, text)).toMatchObject({ code });
  });

  it('lets every body in that is one, whatever its events are', () => {
    expect(doorCheck('track', '{}')).toEqual({ events: 1, revocations: [] });
    expect(check('batch', { batch: [] })).toEqual({ events: 0, revocations: [] });
    expect(check('batch', { batch: [null, 5, {}, { type: 'x' }] })).toEqual({
      events: 4,
      revocations: [],
    });
    expect(check('batch', { batch: Array.from({ length: 2_500 }, () => ({})) })).toMatchObject({
      events: 2_500,
    });
    const deep = `{"batch":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`;
    expect(doorCheck('batch', deep)).toMatchObject({ events: 1 });
  });

  it('notes an unsubscribe for every identifier of the event', () => {
    const event = {
      event: 'Message Unsubscribed',
      userId: 'ada',
      context: { traits: { email: 'Ada@Example.com' } },
    };
    expect(check('track', { ...event, properties: { purpose: 'news', channel: 'email' } })).toEqual(
      {
        events: 1,
        revocations: [
          { type: 'user_id', value: 'ada', purpose: 'news', channel: 'email' },
          { type: 'email', value: 'ada@example.com', purpose: 'news', channel: 'email' },
        ],
      },
    );
  });

  it('notes revocations and denials, and no grants', () => {
    const changed = (state: string) => ({
      type: 'track',
      event: 'Consent Changed',
      anonymousId: state,
      properties: { purpose: 'marketing', state },
    });
    const { revocations } = {
      revocations: [],
      ...check('batch', { batch: ['granted', 'denied', 'revoked'].map(changed) }),
    };
    expect(revocations).toEqual([
      { type: 'anonymous_id', value: 'denied', purpose: 'marketing', channel: '*' },
      { type: 'anonymous_id', value: 'revoked', purpose: 'marketing', channel: '*' },
    ]);
  });

  it('finds an event name that hides in escapes', () => {
    const text = '{"event":"Message Unsubscrib\\u0065d","userId":"ada"}';
    expect(doorCheck('track', text)).toMatchObject({
      revocations: [{ value: 'ada', purpose: 'marketing', channel: '*' }],
    });
  });

  it('reads preferences of an event, of identify and of the batch', () => {
    const context = { consent: { categoryPreferences: { marketing: false } } };
    const noted = { revocations: [{ value: 'ada', purpose: 'marketing', channel: '*' }] };
    expect(check('page', { userId: 'ada', context })).toMatchObject(noted);
    expect(check('batch', { batch: [{ type: 'identify', userId: 'ada', context }] })).toMatchObject(
      noted,
    );
    expect(
      check('batch', { batch: [{ type: 'track', event: 'A', userId: 'ada' }], context }),
    ).toMatchObject(noted);
  });

  it('lets a malformed revocation in without noting it: quarantine will show it', () => {
    const event = { event: 'Consent Changed', userId: 'ada', properties: { state: 'perhaps' } };
    expect(check('track', event)).toEqual({ events: 1, revocations: [] });
    expect(check('track', { ...event, event: 'Message Unsubscribed', userId: {} })).toMatchObject({
      revocations: [],
    });
    expect(check('track', { ...event, event: 'Message Unsubscribed', context: 5 })).toMatchObject({
      revocations: [],
    });
    expect(
      check('batch', { batch: [{ ...event, type: 'nonsense', event: 'Message Unsubscribed' }] }),
    ).toMatchObject({ revocations: [] });
  });
});

describe('revocationsOf', () => {
  it('names a customer where the event does', () => {
    const consents = [{ purpose: 'news', channel: 'email', state: 'revoked' }] as const;
    expect(revocationsOf({ consents, identifiers: [], customerId: 'c-1' })).toEqual([
      { type: 'customer', value: 'c-1', purpose: 'news', channel: 'email' },
    ]);
  });
});
