import { describe, expect, it } from '@jest/globals';
import type { ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS, type StatusRow } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { EventInput } from './event-input.js';
import { metaEventName } from './event-name.js';
import { eventSpec } from './event.action.js';
import { MetaConversionsSettings } from './meta.settings.js';

const settings = MetaConversionsSettings.parse({ datasetId: '1234', accessToken: 'EAAB' });
const ctx = { settings, nowMs: NOW_MS, idempotency: 'key' } as const;
const NOW_SECONDS = Math.floor(NOW_MS / 1_000);
const MARY = '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec';
const input: EventInput = { event: 'Lead', actionSource: 'email', firstName: 'Mary' };

describe('building events', () => {
  it('sends all of them in one request, each under its own id', () => {
    const [plan, ...others] = eventSpec.build(
      [
        { key: '0197:send:1', input },
        { key: '0197:send:2', input },
      ],
      ctx,
    );
    const event = {
      event_name: 'Lead',
      event_time: NOW_SECONDS,
      action_source: 'email',
      user_data: { fn: [MARY] },
    };
    expect(others).toEqual([]);
    expect(plan).toEqual({
      method: 'POST',
      url: 'https://graph.facebook.com/v25.0/1234/events',
      headers: { authorization: 'Bearer EAAB' },
      body: {
        kind: 'json',
        value: {
          data: [
            { ...event, event_id: '0197:send:1' },
            { ...event, event_id: '0197:send:2' },
          ],
        },
      },
      items: [0, 1],
    });
  });

  it('says everything in the words of Meta', () => {
    const full = EventInput.parse({
      ...input,
      event: 'Order Completed',
      actionSource: 'website',
      sourceUrl: 'https://shop.example/thanks',
      userAgent: 'Mozilla/5.0',
      occurredAt: '2026-03-14T10:00:00+01:00',
      eventId: 'browser-7',
      value: 19.99,
      currency: 'eur',
      custom: { order_id: 'o-1', content_ids: ['a', 'b'] },
      optOut: true,
    });
    const test = { ...ctx, settings: { ...settings, testEventCode: 'TEST123' } };
    const [plan] = eventSpec.build([{ key: 'k', input: full }], test);
    expect(plan?.body).toEqual({
      kind: 'json',
      value: {
        data: [
          {
            event_name: 'Purchase',
            event_time: Date.UTC(2026, 2, 14, 9) / 1_000,
            action_source: 'website',
            user_data: { fn: [MARY], client_user_agent: 'Mozilla/5.0' },
            event_id: 'browser-7',
            event_source_url: 'https://shop.example/thanks',
            opt_out: true,
            custom_data: {
              order_id: 'o-1',
              content_ids: ['a', 'b'],
              value: 19.99,
              currency: 'EUR',
            },
          },
        ],
        test_event_code: 'TEST123',
      },
    });
  });

  it.each([
    ['Products Searched', 'Search'],
    ['Product Viewed', 'ViewContent'],
    ['Product Added', 'AddToCart'],
    ['Order Completed', 'Purchase'],
    ['Purchase', 'Purchase'],
    ['Wheel Spun', 'Wheel Spun'],
  ])('calls %s %s', (name, expected) => {
    expect(metaEventName(name)).toBe(expected);
  });

  it('plans nothing for nobody', () => {
    expect(eventSpec.build([], ctx)).toEqual([]);
  });
});

describe('events that are not sent', () => {
  const skip = (over: Partial<EventInput>): ItemResult | undefined =>
    eventSpec.skip?.({ key: 'k', input: { ...input, ...over } }, ctx);
  const ago = (ms: number): string => new Date(NOW_MS - ms).toISOString();
  const week = 7 * 24 * 3_600_000;

  it.each([0, week, -60_000])('are none of those that happened %i ms ago', (ms) => {
    expect(skip({ occurredAt: ago(ms) })).toBeUndefined();
  });

  it.each([week + 1, -60_001])(
    'are those of %i ms ago, which Meta would refuse with all others',
    (ms) => {
      expect(skip({ occurredAt: ago(ms) })).toMatchObject({
        status: 'failed',
        code: 'item_invalid',
      });
    },
  );

  it('are those by which nobody could be found', () => {
    expect(skip({ firstName: '' })).toEqual({ status: 'skipped', reason: 'no_address' });
    expect(skip({})).toBeUndefined();
  });
});

describe('reading the answer to one event', () => {
  const unreadable: ItemResult = { status: 'retry', code: 'response_unreadable' };
  const graph = (error: object): string =>
    JSON.stringify({ error: { message: 'about Mary', type: 'OAuthException', ...error } });
  const usage = JSON.stringify({ '1234': [{ estimated_time_to_regain_access: 5 }] });
  const rejected = (message: string): ItemResult => ({
    status: 'failed',
    code: 'item_rejected',
    message,
  });

  it.each<StatusRow>([
    [
      '200 that received it',
      { body: '{"events_received":1,"messages":[]}' },
      { status: 'delivered' },
    ],
    [
      '200 that received nothing',
      { body: '{"events_received":0}' },
      rejected('HTTP 200: 0 events received'),
    ],
    ['200 with an error in its body', { body: graph({ code: 100 }) }, rejected('HTTP 200, 100')],
    ['200 without a body', {}, unreadable],
    ['200 with truncated JSON', { body: '{"events_rec' }, unreadable],
    ['200 that was cut', { body: '{"events_received":1}', complete: false }, unreadable],
    [
      '200 with HTML, which is not from Meta',
      { body: '<html></html>' },
      { status: 'retry', code: 'provider_unavailable' },
    ],
    [
      '400 about a parameter: the codes, never the words',
      { status: 400, body: graph({ code: 100, error_subcode: 2804003 }) },
      rejected('HTTP 400, 100, 2804003'),
    ],
    [
      '400 for a dataset that is not there or not ours',
      { status: 400, body: graph({ code: 100, error_subcode: 33 }) },
      { status: 'failed', code: 'endpoint_not_found', message: 'HTTP 400, 100, 33' },
    ],
    [
      '400 for a token that has run out',
      { status: 400, body: graph({ code: 190, error_subcode: 463 }) },
      { status: 'failed', code: 'auth_invalid', message: 'HTTP 400, 190, 463' },
    ],
    [
      '400 that will pass',
      { status: 400, body: graph({ code: 2, is_transient: true }) },
      { status: 'retry', code: 'provider_unavailable' },
    ],
    [
      '403 that is a throttle',
      { status: 403, body: graph({ code: 4 }) },
      { status: 'retry', code: 'rate_limited', afterMs: 60_000 },
    ],
    [
      '80003 with the minutes to wait',
      {
        status: 400,
        body: graph({ code: 80003 }),
        headers: { 'x-business-use-case-usage': usage },
      },
      { status: 'retry', code: 'rate_limited', afterMs: 300_000 },
    ],
    ['502', { status: 502 }, { status: 'retry', code: 'provider_unavailable' }],
    ['504', { status: 504 }, { status: 'retry', code: 'provider_unavailable' }],
    ...STATUS_ROWS,
  ])('%s', (_name, given, expected) => {
    expect(eventSpec.read(responseOf(given), [{ key: 'k', input }], ctx)).toEqual([expected]);
  });
});

describe('the input of an event', () => {
  it.each<[string, object]>([
    ['no name', { event: '' }],
    ['an app as the place, of which more would be needed', { actionSource: 'app' }],
    ['a website without its page', { actionSource: 'website', userAgent: 'Mozilla/5.0' }],
    ['a website without user agent', { actionSource: 'website', sourceUrl: 'https://a.example' }],
    ['a purchase without value', { event: 'Purchase', currency: 'EUR' }],
    ['a purchase without currency', { event: 'Order Completed', value: 5, currency: '' }],
    ['a currency that is none', { currency: 'Euro' }],
    ['an address that is none', { clientIp: '192.0.2' }],
    ['a time without zone', { occurredAt: '2026-03-14T10:00:00' }],
  ])('refuses %s', (_name, over) => {
    expect(EventInput.safeParse({ ...input, ...over }).success).toBe(false);
  });
});

describe('settings', () => {
  it.each<[string, object]>([
    ['a dataset that would leave its place in the path', { datasetId: '1/../2' }],
    ['a token with a line break', { accessToken: 'a\nb' }],
    ['a version that is none', { apiVersion: 'latest' }],
  ])('refuse %s', (_name, over) => {
    expect(MetaConversionsSettings.safeParse({ ...settings, ...over }).success).toBe(false);
  });
});
