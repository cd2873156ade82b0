import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { HttpResponse } from '../kit/http-plan.js';
import type { DeliveryItem, ItemResult } from '../kit/results.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { postSpec, PostInput } from './post.action.js';
import { signatureHeader } from './sign.js';
import { WebhookSettings } from './webhook.settings.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const settings = WebhookSettings.parse({ url: 'https://hooks.example/a', secret: SECRET });
const ctx = { settings, nowMs: NOW_MS, idempotency: 'key' } as const;
const item: DeliveryItem<PostInput> = { key: 'e:s:1', input: { event: 'x', body: { a: 1 } } };

function response(over: Partial<HttpResponse>): HttpResponse {
  return { status: 200, headers: {}, body: '', complete: true, ...over };
}

describe('signatures', () => {
  it('equal the published example', () => {
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSeconds: 1_614_265_330,
      payload: '{"test": 2432232314}',
    };
    const expected = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
    expect(signatureHeader(message, [SECRET])).toBe(expected);
    expect(signatureHeader(message, [SECRET, SECRET])).toBe(`${expected} ${expected}`);
  });
});

describe('building a post', () => {
  it('makes one request for each item', () => {
    const plans = postSpec.build([item, { ...item, key: 'e:s:2' }], ctx);
    expect(plans.map((plan) => plan.items)).toEqual([[0], [1]]);
    expect(plans.map((plan) => plan.headers['webhook-id'])).toEqual(['e:s:1', 'e:s:2']);
  });

  it('signs with both secrets while they are being changed over', () => {
    const previousSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const [plan] = postSpec.build([item], { ...ctx, settings: { ...settings, previousSecret } });
    const [now, before] = (plan?.headers['webhook-signature'] ?? '').split(' ');
    expect(now).toMatch(/^v1,/);
    expect(before).toMatch(/^v1,/);
    expect(now).not.toBe(before);
  });

  it('tells the moment of the event when it is given one', () => {
    const occurredAt = '2026-01-01T00:00:00+02:00';
    const [plan] = postSpec.build([{ ...item, input: { ...item.input, occurredAt } }], ctx);
    expect(plan?.body).toMatchObject({ text: expect.stringContaining(occurredAt) });
  });

  it('sends every header once, whatever its spelling in the settings', () => {
    const headers = { 'User-Agent': 'shop', 'X-A': '1' };
    const [plan] = postSpec.build([item], { ...ctx, settings: { ...settings, headers } });
    expect(plan?.headers).toMatchObject({ 'user-agent': 'shop', 'x-a': '1' });
    expect(Object.keys(plan?.headers ?? {}).every((name) => name === name.toLowerCase())).toBe(
      true,
    );
  });

  it('never puts a dot into the id, because the signed text separates its parts by dots', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (key) => {
        const [plan] = postSpec.build([{ ...item, key }], ctx);
        expect(plan?.headers['webhook-id']).toMatch(/^[A-Za-z0-9_=:-]+$/);
      }),
    );
  });
});

describe('reading an answer', () => {
  const delivered: ItemResult = { status: 'delivered' };
  it.each<[string, Partial<HttpResponse>, ItemResult]>([
    ['200 with nothing', {}, delivered],
    ['204', { status: 204 }, delivered],
    ['HTML with 200', { body: '<html>thanks</html>' }, delivered],
    ['truncated JSON with 200', { body: '{"ok":', complete: true }, delivered],
    ['a body that was cut', { body: '{"ok":true}', complete: false }, delivered],
    ['a reply too large to keep', { body: JSON.stringify('x'.repeat(6_000)) }, delivered],
    ['a JSON reply', { body: '{"id":7}' }, { status: 'delivered', response: { id: 7 } }],
    ['301', { status: 301 }, { status: 'failed', code: 'redirect_refused', message: 'HTTP 301' }],
    ['400', { status: 400 }, { status: 'failed', code: 'item_rejected', message: 'HTTP 400' }],
    ['401', { status: 401 }, { status: 'failed', code: 'auth_invalid', message: 'HTTP 401' }],
    ['403', { status: 403 }, { status: 'failed', code: 'auth_invalid', message: 'HTTP 403' }],
    ['404', { status: 404 }, { status: 'failed', code: 'endpoint_not_found', message: 'HTTP 404' }],
    ['408', { status: 408 }, { status: 'retry', code: 'provider_unavailable' }],
    ['409', { status: 409 }, { status: 'failed', code: 'item_rejected', message: 'HTTP 409' }],
    ['410', { status: 410 }, { status: 'failed', code: 'endpoint_gone', message: 'HTTP 410' }],
    ['422', { status: 422 }, { status: 'failed', code: 'item_rejected', message: 'HTTP 422' }],
    ['425', { status: 425 }, { status: 'retry', code: 'provider_unavailable' }],
    ['429 alone', { status: 429 }, { status: 'retry', code: 'rate_limited' }],
    [
      '429, seconds',
      { status: 429, headers: { 'retry-after': '120' } },
      { status: 'retry', code: 'rate_limited', afterMs: 120_000 },
    ],
    [
      '429, date',
      { status: 429, headers: { 'retry-after': new Date(NOW_MS + 5_000).toUTCString() } },
      { status: 'retry', code: 'rate_limited', afterMs: 5_000 },
    ],
    [
      '500 with HTML',
      { status: 500, body: '<h1>oops</h1>' },
      { status: 'retry', code: 'provider_unavailable' },
    ],
    ['501', { status: 501 }, { status: 'failed', code: 'item_rejected', message: 'HTTP 501' }],
    ['502', { status: 502 }, { status: 'retry', code: 'provider_unavailable' }],
    ['503 alone', { status: 503 }, { status: 'retry', code: 'provider_unavailable' }],
    [
      '503, seconds',
      { status: 503, headers: { 'retry-after': '3' } },
      { status: 'retry', code: 'rate_limited', afterMs: 3_000 },
    ],
  ])('%s', (_name, given, expected) => {
    expect(postSpec.read(response(given), [item], ctx)).toEqual([expected]);
  });
});

describe('settings', () => {
  const valid = { url: 'https://hooks.example/a', secret: SECRET };
  it.each<[string, object]>([
    ['a secret without prefix', { secret: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }],
    ['a short secret', { secret: 'whsec_AAAA' }],
    ['another scheme', { url: 'file:///etc/passwd' }],
    ['credentials in the URL', { url: 'https://a:b@hooks.example/' }],
    ['a header of ours', { headers: { 'Webhook-Id': 'x' } }],
    ['a hop-by-hop header', { headers: { 'transfer-encoding': 'chunked' } }],
    ['a header value with a line break', { headers: { 'x-a': 'a\r\nx-b: c' } }],
    ['a header name with a space', { headers: { 'x a': 'b' } }],
  ])('refuse %s', (_name, over) => {
    expect(WebhookSettings.safeParse({ ...valid, ...over }).success).toBe(false);
  });

  it('refuse a body that is not a JSON object', () => {
    for (const body of [null, [], 'text', 5, { at: undefined, f: () => 1 }]) {
      expect(PostInput.safeParse({ event: 'x', body }).success).toBe(false);
    }
  });
});
