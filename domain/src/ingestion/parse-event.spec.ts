import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../shared/index.js';
import { parseBody } from './parse-body.js';
import { oneEvent, oneRejection, RECEIVED, row } from './testing/bodies.js';

describe("Segment's calls", () => {
  it('track: the whole event', () => {
    const event = oneEvent('track', {
      event: 'Product Added',
      userId: 'ada',
      anonymousId: 'anon-1',
      messageId: 'm-1',
      timestamp: '2026-01-02T11:59:00Z',
      sentAt: '2026-01-02T11:59:30Z',
      properties: { cart_id: 'c1', price: 19.99 },
      context: { locale: 'de-DE', traits: { email: ' Ada@Example.com' } },
      integrations: { All: false, Slack: true },
    });
    expect(event).toEqual({
      ref: { position: 7, ordinal: 0, clock: RECEIVED },
      messageId: 'm-1',
      type: 'track',
      name: 'Product Added',
      sourceKey: 'shop',
      eventTime: RECEIVED - 30_000,
      originalTime: RECEIVED - 60_000,
      identifiers: [
        { type: 'user_id', value: 'ada' },
        { type: 'anonymous_id', value: 'anon-1' },
        { type: 'email', value: 'ada@example.com' },
      ],
      previous: [],
      customerId: null,
      traits: { email: ' Ada@Example.com' },
      properties: { cart_id: 'c1', price: 19.99 },
      context: {
        locale: 'de-DE',
        traits: { email: ' Ada@Example.com' },
        integrations: { All: false, Slack: true },
      },
      consents: [],
      hop: 0,
      imported: false,
    });
  });

  it('identify: traits of the call over traits of the context', () => {
    const event = oneEvent('identify', {
      userId: 'ada',
      traits: { email: 'ada@example.com', phone: '+49 30 1234567', plan: 'pro' },
      context: { traits: { plan: 'free', city: 'Bonn' } },
    });
    expect(event.name).toBe('Identify');
    expect(event.traits).toEqual({
      email: 'ada@example.com',
      phone: '+49 30 1234567',
      plan: 'pro',
      city: 'Bonn',
    });
    expect(event.identifiers).toContainEqual({ type: 'phone', value: '+49301234567' });
    expect(event.properties).toEqual({});
  });

  it.each([
    ['page', 'Page Viewed'],
    ['screen', 'Screen Viewed'],
  ] as const)('%s: is %s, with name and category among the properties', (endpoint, name) => {
    const event = oneEvent(endpoint, {
      anonymousId: 'a',
      name: 'Home',
      category: 'Docs',
      properties: { url: '/', name: 'Own' },
    });
    expect(event).toMatchObject({
      type: endpoint,
      name,
      properties: { url: '/', name: 'Own', category: 'Docs' },
    });
  });

  it("group: the group's traits stay out of the person's", () => {
    const event = oneEvent('group', {
      userId: 'ada',
      groupId: 42,
      traits: { name: 'ACME', email: 'office@acme.example' },
    });
    expect(event).toMatchObject({
      name: 'Group',
      traits: { group_id: '42' },
      properties: { groupId: '42', traits: { name: 'ACME' } },
      identifiers: [{ type: 'user_id', value: 'ada' }],
    });
  });

  it('alias: the previous id is an anonymous one', () => {
    const event = oneEvent('alias', { userId: 'ada', previousId: 'anon-1' });
    expect(event).toMatchObject({
      name: 'Alias',
      identifiers: [{ type: 'user_id', value: 'ada' }],
      previous: [{ type: 'anonymous_id', value: 'anon-1' }],
    });
  });

  it('batch: context and integrations of the batch, where the event has none of its own', () => {
    const body = {
      context: { locale: 'de', app: { name: 'shop' } },
      integrations: { All: true, Slack: true },
      batch: [
        { type: 'track', event: 'A', userId: 'a' },
        {
          type: 'track',
          event: 'B',
          userId: 'b',
          context: { locale: 'en' },
          integrations: { Slack: false },
        },
      ],
    };
    const { events } = parseBody(row('batch', JSON.stringify(body)));
    expect(events.map(({ context }) => context)).toEqual([
      { locale: 'de', app: { name: 'shop' }, integrations: { All: true, Slack: true } },
      { locale: 'en', app: { name: 'shop' }, integrations: { All: true, Slack: false } },
    ]);
  });

  it('reads the address of a single call and not its type', () => {
    expect(oneEvent('track', { type: 'identify', event: 'A', userId: 'a' }).type).toBe('track');
  });
});

describe('identifiers', () => {
  it.each<[string, JsonObject, readonly string[]]>([
    ['numbers become text', { userId: 42, anonymousId: 7 }, ['user_id=42', 'anonymous_id=7']],
    ['blank ids are none', { userId: ' ', anonymousId: 'a' }, ['anonymous_id=a']],
    [
      'only an e-mail',
      { context: { traits: { email: 'ada@example.com' } } },
      ['email=ada@example.com'],
    ],
    [
      'an e-mail that is none identifies nobody',
      { userId: 'a', context: { traits: { email: 'none' } } },
      ['user_id=a'],
    ],
    [
      'an e-mail that is no text either',
      { userId: 'a', context: { traits: { email: 5 } } },
      ['user_id=a'],
    ],
    [
      'external ids, of users only',
      {
        context: {
          externalIds: [
            { id: 'x-1', type: 'loyalty', collection: 'users', encoding: 'none' },
            { id: 12, type: 'ios.idfa' },
            { id: 'acme', type: 'account_id', collection: 'accounts' },
          ],
        },
      },
      ['loyalty=x-1', 'ios.idfa=12'],
    ],
  ])('%s', (_label, body, expected) => {
    const { identifiers } = oneEvent('track', { event: 'A', ...body });
    expect(identifiers.map(({ type, value }) => `${type}=${value}`)).toEqual(expected);
  });
});

describe('messageId', () => {
  it('is derived from the place in the log where the sender gave none', () => {
    const body = {
      batch: [
        { type: 'track', event: 'A', userId: 'a' },
        { type: 'track', event: 'A', userId: 'a', messageId: '' },
      ],
    };
    const { events } = parseBody(row('batch', JSON.stringify(body), { position: 31 }));
    expect(events.map(({ messageId }) => messageId)).toEqual(['derived:31.0', 'derived:31.1']);
  });

  it('may be a number, and up to 255 characters long', () => {
    expect(oneEvent('track', { event: 'A', userId: 'a', messageId: 5 }).messageId).toBe('5');
    const messageId = 'm'.repeat(255);
    expect(oneEvent('track', { event: 'A', userId: 'a', messageId }).messageId).toBe(messageId);
  });
});

describe('the time of an event', () => {
  const at = (ms: number) => new Date(RECEIVED + ms).toISOString();

  it.each<[string, JsonObject, number, number | null]>([
    ['receipt, without a timestamp', { sentAt: at(-9_000) }, 0, null],
    ['the timestamp, without sentAt', { timestamp: at(-5_000) }, -5_000, null],
    [
      'corrected by a clock that is an hour fast',
      { timestamp: at(3_595_000), sentAt: at(3_600_000) },
      -5_000,
      3_595_000,
    ],
    [
      'corrected by a clock that is a day slow',
      { timestamp: at(-86_410_000), sentAt: at(-86_400_000) },
      -10_000,
      -86_410_000,
    ],
    ['unchanged by a clock that is right', { timestamp: at(-5_000), sentAt: at(0) }, -5_000, null],
    [
      'the timestamp, where sentAt is none',
      { timestamp: at(-5_000), sentAt: 'soon' },
      -5_000,
      null,
    ],
    ['at most five minutes ahead', { timestamp: at(86_400_000) }, 300_000, 86_400_000],
    [
      'at most five minutes ahead, corrected',
      { timestamp: at(600_000), sentAt: at(0) },
      300_000,
      600_000,
    ],
    [
      'originalTimestamp, where an SDK calls it so',
      { originalTimestamp: at(-7_000) },
      -7_000,
      null,
    ],
    [
      'years ago, for history',
      { timestamp: '2001-02-03' },
      Date.parse('2001-02-03') - RECEIVED,
      null,
    ],
  ])('%s', (_label, body, eventTime, originalTime) => {
    const event = oneEvent('track', { event: 'A', userId: 'a', ...body });
    expect(event.eventTime - RECEIVED).toBe(eventTime);
    expect(event.originalTime === null ? null : event.originalTime - RECEIVED).toBe(originalTime);
  });

  it("takes the event's own sentAt before the batch's", () => {
    const timestamp = at(-60_000);
    const body = {
      sentAt: at(-50_000),
      batch: [
        { type: 'track', event: 'A', userId: 'a', timestamp },
        { type: 'track', event: 'A', userId: 'a', timestamp, sentAt: at(-40_000) },
      ],
    };
    const { events } = parseBody(row('batch', JSON.stringify(body)));
    expect(events.map(({ eventTime }) => eventTime - RECEIVED)).toEqual([-10_000, -20_000]);
  });
});

describe('consents, hops and imports', () => {
  it('carries what the event says about consent', () => {
    const event = oneEvent('track', {
      event: 'Message Unsubscribed',
      userId: 'a',
      properties: { channel: 'email' },
    });
    expect(event.consents).toEqual([{ purpose: 'marketing', channel: 'email', state: 'revoked' }]);
  });

  it('reads category preferences of the batch for each of its events', () => {
    const body = {
      context: { consent: { categoryPreferences: { marketing: false } } },
      batch: [{ type: 'page', userId: 'a' }],
    };
    const { events } = parseBody(row('batch', JSON.stringify(body)));
    expect(events[0]?.consents).toEqual([{ purpose: 'marketing', channel: '*', state: 'denied' }]);
  });

  it('stops events that cause each other for the eighth time', () => {
    expect(oneEvent('track', { event: 'A', userId: 'a' }, { hop: 7 }).hop).toBe(7);
    expect(oneRejection('track', { event: 'A', userId: 'a' }, { hop: 8 }).code).toBe('hop_limit');
  });

  it('marks imports, which start nothing', () => {
    expect(
      oneEvent('track', { event: 'A', userId: 'a', context: { imported: true } }).imported,
    ).toBe(true);
    expect(
      oneEvent('track', { event: 'A', userId: 'a', context: { imported: 'yes' } }).imported,
    ).toBe(false);
  });
});
