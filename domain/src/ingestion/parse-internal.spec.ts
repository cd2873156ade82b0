import { describe, expect, it } from '@jest/globals';
import { parseBody } from './parse-body.js';
import { RECEIVED, row } from './testing/bodies.js';
import type { InternalEvent, LogRow } from './types.js';

const delivered: InternalEvent = {
  messageId: 'e1:mail:1:sent',
  type: 'track',
  name: 'Message Sent',
  customerId: 'c-1',
  at: RECEIVED - 1_000,
  properties: { channel: 'email' },
  hop: 1,
};

function internal(body: string, change: Partial<LogRow> = {}) {
  return parseBody(
    row('batch', body, { kind: 'internal', endpoint: null, sourceKey: null, ...change }),
  );
}

describe('our own events', () => {
  it('are addressed by customer and carry their hop', () => {
    const { events, rejections } = internal(JSON.stringify([delivered]));
    expect(rejections).toEqual([]);
    expect(events).toEqual([
      {
        ref: { position: 7, ordinal: 0, clock: RECEIVED },
        messageId: 'e1:mail:1:sent',
        type: 'track',
        name: 'Message Sent',
        sourceKey: null,
        eventTime: RECEIVED - 1_000,
        originalTime: null,
        identifiers: [],
        previous: [],
        customerId: 'c-1',
        traits: {},
        properties: { channel: 'email' },
        context: {},
        consents: [],
        hop: 1,
        imported: false,
      },
    ]);
  });

  it('update traits and revoke consents like any other', () => {
    const update = { ...delivered, type: 'identify', name: 'Identify', traits: { plan: 'pro' } };
    const unsubscribe = {
      ...delivered,
      name: 'Message Unsubscribed',
      properties: { purpose: 'news', channel: 'email' },
    };
    const { events } = internal(JSON.stringify([update, unsubscribe]));
    expect(events[0]?.traits).toEqual({ plan: 'pro' });
    expect(events[1]?.consents).toEqual([{ purpose: 'news', channel: 'email', state: 'revoked' }]);
  });

  it('are clamped like any other', () => {
    const { events } = internal(JSON.stringify([{ ...delivered, at: RECEIVED + 1e9 }]));
    expect(events[0]).toMatchObject({
      eventTime: RECEIVED + 300_000,
      originalTime: RECEIVED + 1e9,
    });
  });

  it.each([
    ['the eighth hop', { ...delivered, hop: 8 }, 'hop_limit'],
    [
      'a NUL that came in by a template',
      { ...delivered, properties: { a: '\u0000' } },
      'nul_character',
    ],
    ['half a character', { ...delivered, traits: { a: '\ud800' } }, 'lone_surrogate'],
    ['no message id', { ...delivered, messageId: '' }, 'invalid_message_id'],
    ['no customer', { ...delivered, customerId: null }, 'missing_identity'],
    ['no time', { ...delivered, at: 'now' }, 'invalid_timestamp'],
    ['no name', { ...delivered, name: '' }, 'missing_event_name'],
    ['another type', { ...delivered, type: 'page' }, 'unknown_type'],
    ['a bad consent', { ...delivered, name: 'Consent Changed' }, 'invalid_field'],
    ['no object', 5, 'not_an_object'],
  ])('%s is rejected, and its neighbour is not', (_label, bad, code) => {
    const { events, rejections } = internal(JSON.stringify([bad, delivered]));
    expect(events.map(({ ref }) => ref.ordinal)).toEqual([1]);
    expect(rejections).toEqual([
      { ordinal: 0, code, detail: expect.any(String), body: JSON.stringify(bad) },
    ]);
  });

  it('take the hop of the row where it is higher', () => {
    expect(internal(JSON.stringify([delivered]), { hop: 3 }).events[0]?.hop).toBe(3);
    expect(internal(JSON.stringify([delivered]), { hop: 8 }).rejections[0]?.code).toBe('hop_limit');
  });

  it('that are no list are one rejection', () => {
    expect(internal('{}').rejections).toMatchObject([{ code: 'not_an_object', body: '{}' }]);
    expect(internal('nonsense').rejections).toHaveLength(1);
    const deep = `[${'['.repeat(9_000)}${']'.repeat(9_000)}]`;
    expect(internal(deep).rejections).toMatchObject([{ code: 'too_deep' }]);
  });

  it('have nothing to say in rows of other kinds', () => {
    for (const kind of ['tick', 'definitions'] as const) {
      expect(internal('[1]', { kind })).toEqual({ events: [], rejections: [] });
    }
  });
});
