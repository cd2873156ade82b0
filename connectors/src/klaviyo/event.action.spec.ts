import { describe, expect, it } from '@jest/globals';
import type { ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS, type StatusRow } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { EventInput, eventSpec } from './event.action.js';
import { KlaviyoSettings } from './klaviyo.settings.js';

const settings = KlaviyoSettings.parse({ apiKey: 'pk_test' });
const ctx = { settings, nowMs: NOW_MS, idempotency: 'key' } as const;
const input: EventInput = { email: 'sarah.mason@klaviyo-demo.com', metric: 'Viewed Product' };

describe('building an event', () => {
  it('says everything in the words of Klaviyo', () => {
    const full = EventInput.parse({
      ...input,
      phone: '',
      externalId: 'c-1',
      properties: { Brand: 'Kids Book', ProductID: 1111 },
      value: 9.99,
      currency: 'USD',
      occurredAt: '2026-03-01T00:00:00+00:00',
    });
    const [plan] = eventSpec.build([{ key: '0197:send:1', input: full }], ctx);
    expect(plan?.url).toBe('https://a.klaviyo.com/api/events');
    expect(plan?.body).toEqual({
      kind: 'json',
      value: {
        data: {
          type: 'event',
          attributes: {
            time: '2026-03-01T00:00:00+00:00',
            value: 9.99,
            value_currency: 'USD',
            unique_id: '0197:send:1',
            properties: { Brand: 'Kids Book', ProductID: 1111 },
            metric: { data: { type: 'metric', attributes: { name: 'Viewed Product' } } },
            profile: {
              data: {
                type: 'profile',
                attributes: { email: 'sarah.mason@klaviyo-demo.com', external_id: 'c-1' },
              },
            },
          },
        },
      },
    });
  });

  it('always sends properties, which Klaviyo demands, and no time that nobody gave', () => {
    const [plan] = eventSpec.build([{ key: 'k', input }], ctx);
    expect(plan?.body).toMatchObject({ value: { data: { attributes: { properties: {} } } } });
    expect(JSON.stringify(plan?.body)).not.toContain('"time"');
  });

  it('keeps the unique id over attempts and apart for every delivery', () => {
    const ids = ['a:s:1', 'a:s:2', 'a:s:1'].map((key) =>
      JSON.stringify(eventSpec.build([{ key, input }], { ...ctx, nowMs: NOW_MS + 1 })),
    );
    expect(ids[0]).toBe(ids[2]);
    expect(ids[0]).not.toBe(ids[1]);
  });
});

describe('reading the answer to an event', () => {
  const unreadable: ItemResult = { status: 'retry', code: 'response_unreadable' };
  it.each<StatusRow>([
    ['202, which has no body', { status: 202 }, { status: 'delivered' }],
    ['202 that was cut', { status: 202, complete: false }, { status: 'delivered' }],
    ['200 from something between', { body: '<html>login</html>' }, unreadable],
    ['204', { status: 204 }, unreadable],
    [
      '400 with errors',
      {
        status: 400,
        body: JSON.stringify({
          errors: [{ code: 'invalid', source: { pointer: '/data/attributes/time' } }],
        }),
      },
      {
        status: 'failed',
        code: 'item_rejected',
        message: 'HTTP 400, invalid, /data/attributes/time',
      },
    ],
    [
      '400 with HTML',
      { status: 400, body: '<h1>no</h1>' },
      { status: 'failed', code: 'item_rejected', message: 'HTTP 400' },
    ],
    ...STATUS_ROWS,
  ])('%s', (_name, given, expected) => {
    expect(eventSpec.read(responseOf(given), [{ key: 'k', input }], ctx)).toEqual([expected]);
  });
});

describe('the input of an event', () => {
  it.each<[string, object]>([
    ['no person', { metric: 'Viewed Product' }],
    ['no metric', { email: input.email }],
    ['a metric that is too long', { ...input, metric: 'x'.repeat(128) }],
    ['a time without zone', { ...input, occurredAt: '2026-03-01T00:00:00' }],
    ['a currency that is none', { ...input, currency: 'Euro' }],
    ['a value as text', { ...input, value: '9.99' }],
  ])('refuses %s', (_name, given) => {
    expect(EventInput.safeParse(given).success).toBe(false);
  });
});
