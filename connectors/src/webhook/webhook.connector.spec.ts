import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import {
  answer,
  startCaptureServer,
  type CaptureServer,
  type Reply,
} from '../kit/testing/capture-server.js';
import { describeConnectorContract } from '../kit/testing/connector-contract.js';
import { NOW_MS, testContext } from '../kit/testing/test-context.js';
import { runAction, type ActionOutcome } from '../kit/run-action.js';
import { webhook } from './index.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const CANARY = 'Q0FOQVJZLUNBTkFSWS1DQU5BUlktQ0FOQVJZ';

describeConnectorContract({
  connector: webhook,
  action: 'post',
  settings: {
    url: 'http://127.0.0.1:9/hook',
    secret: `whsec_${CANARY}`,
    headers: { authorization: `Bearer ${CANARY}` },
  },
  canary: CANARY,
  input: (n) => ({ event: 'cart.abandoned', body: { cart: n, who: `person-${n}` } }),
  invalidInput: { event: '', body: { who: 'person-x' } },
  standIn: async (manner) => {
    const server = await startCaptureServer(() =>
      manner === 'accepts' ? answer(204) : { kind: 'silence' },
    );
    return { baseUrl: server.url, received: () => server.requests.length, close: server.close };
  },
});

describe('webhook over a socket', () => {
  let server: CaptureServer;
  let reply: Reply = answer(204);
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer(() => reply);
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const post = (key: string, body: unknown = { total: 1 }): Promise<ActionOutcome> =>
    runAction(
      webhook,
      {
        action: 'post',
        settings: {
          url: `${server.url}/hooks/shop?tenant=1`,
          secret: SECRET,
          headers: { 'X-Team': 'crm' },
        },
        items: [{ key, input: { event: 'order.placed', body } }],
      },
      test.ctx,
    );

  it('posts a message that a receiver can verify from its bytes and headers alone', async () => {
    reply = answer(200, '{"ok":true}');
    const { results } = await post('0197:send:1', { total: 1999, note: 'grüße' });
    const request = server.requests.at(-1);
    expect(results).toEqual([{ status: 'delivered', response: { ok: true } }]);
    expect(request).toMatchObject({ method: 'POST', path: '/hooks/shop?tenant=1' });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': '0197:send:1',
      'webhook-timestamp': String(Math.floor(NOW_MS / 1_000)),
      'idempotency-key': '"0197:send:1"',
      'x-team': 'crm',
    });
    const signed = `0197:send:1.${request?.headers['webhook-timestamp'] ?? ''}.${request?.body ?? ''}`;
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    expect(request?.headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      type: 'order.placed',
      timestamp: new Date(NOW_MS).toISOString(),
      data: { total: 1999, note: 'grüße' },
    });
  });

  it('keeps the same id over attempts, so that the receiver can drop the repeat', async () => {
    reply = answer(503);
    expect((await post('e:s:2')).results).toEqual([
      { status: 'retry', code: 'provider_unavailable' },
    ]);
    reply = answer(200);
    expect((await post('e:s:2')).results).toEqual([{ status: 'delivered' }]);
    const ids = server.requests.slice(-2).map((request) => request.headers['webhook-id']);
    expect(ids).toEqual(['e:s:2', 'e:s:2']);
  });

  it.each<[string, Reply, object]>([
    [
      '429 with seconds',
      answer(429, '', { 'retry-after': '7' }),
      { status: 'retry', code: 'rate_limited', afterMs: 7_000 },
    ],
    [
      '503 with a date',
      answer(503, '', { 'retry-after': new Date(NOW_MS + 90_000).toUTCString() }),
      { status: 'retry', code: 'rate_limited', afterMs: 90_000 },
    ],
    ['410', answer(410), { status: 'failed', code: 'endpoint_gone', message: 'HTTP 410' }],
    [
      'a redirect',
      answer(302, '', { location: 'http://127.0.0.1:1/' }),
      { status: 'failed', code: 'redirect_refused', message: 'HTTP 302' },
    ],
    ['a broken connection', { kind: 'reset' }, { status: 'retry', code: 'outcome_unknown' }],
    ['an answer that is cut', { kind: 'cut' }, { status: 'delivered' }],
    ['an endless answer', answer(200, 'x'.repeat(300_000)), { status: 'delivered' }],
  ])('reads %s', async (name, given, expected) => {
    reply = given;
    expect((await post(`table:${name}`)).results).toEqual([expected]);
  });

  it('asks for attention when the receiver is gone or refuses the credentials', async () => {
    reply = answer(410);
    expect((await post('gone')).attention).toBe('endpoint_gone');
    reply = answer(401);
    expect((await post('auth')).attention).toBe('auth_invalid');
    reply = answer(422);
    expect((await post('item')).attention).toBeUndefined();
  });

  it('does not follow a redirect to another place', async () => {
    const elsewhere = await startCaptureServer(() => answer(200));
    reply = answer(307, '', { location: `${elsewhere.url}/stolen` });
    await post('redirected');
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });
});
