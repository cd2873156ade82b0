import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  answer,
  startCaptureServer,
  type CaptureServer,
  type Reply,
} from '../kit/testing/capture-server.js';
import { describeConnectorContract } from '../kit/testing/connector-contract.js';
import { testContext } from '../kit/testing/test-context.js';
import { runAction, type ActionOutcome } from '../kit/run-action.js';
import { airshipPush } from './index.js';

const CANARY = 'canary0123456789';
const ACCEPTED = answer(202, JSON.stringify({ ok: true, push_ids: ['push-1'] }));

describeConnectorContract({
  connector: airshipPush,
  action: 'send',
  settings: { appKey: 'app', masterSecret: CANARY },
  canary: CANARY,
  input: (n) => ({ address: `person-${n}`, title: 'Order', body: `For person-${n}` }),
  invalidInput: { address: 'person-x', body: '' },
  standIn: async (manner) => {
    const server = await startCaptureServer(() =>
      manner === 'accepts' ? ACCEPTED : { kind: 'silence' },
    );
    const received = (): number =>
      server.requests.filter(({ path }) => path === '/api/push').length;
    return { baseUrl: server.url, received, close: server.close };
  },
});

describe('airship over a socket', () => {
  let server: CaptureServer;
  let next: Reply = ACCEPTED;
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer(() => next);
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const settings = (): object => ({ appKey: 'app', masterSecret: 'master', baseUrl: server.url });
  const push = (): Promise<ActionOutcome> =>
    runAction(
      airshipPush,
      {
        action: 'send',
        settings: settings(),
        items: [{ key: 'e:s:1', input: { address: 'customer-1', body: 'Grüße ✓', title: 'Hi' } }],
      },
      test.ctx,
    );

  it('sends exactly this', async () => {
    next = ACCEPTED;
    expect((await push()).results).toEqual([{ status: 'delivered', providerId: 'push-1' }]);
    const { method, path, headers, body } = server.requests.at(-1) ?? {};
    const sent: unknown = JSON.parse(body ?? '');
    expect({ method, path, body: sent }).toEqual({
      method: 'POST',
      path: '/api/push',
      body: {
        audience: { named_user: 'customer-1' },
        device_types: ['ios', 'android'],
        notification: { alert: 'Grüße ✓', ios: { title: 'Hi' }, android: { title: 'Hi' } },
      },
    });
    expect(headers).toMatchObject({
      authorization: 'Basic YXBwOm1hc3Rlcg==',
      accept: 'application/vnd.urbanairship+json; version=3',
      'content-type': 'application/json',
    });
  });

  it.each<[string, Reply, object]>([
    ['a broken connection', { kind: 'reset' }, { status: 'unknown', code: 'outcome_unknown' }],
    ['an answer that is cut', { kind: 'cut' }, { status: 'unknown', code: 'response_unreadable' }],
    [
      '429',
      answer(429, '', { 'retry-after': '9' }),
      { status: 'retry', code: 'rate_limited', afterMs: 9_000 },
    ],
  ])('after %s it sends again only what cannot have gone out', async (_name, given, result) => {
    next = given;
    expect((await push()).results).toEqual([result]);
  });

  describe('checking the settings', () => {
    const check = async (): Promise<unknown> => {
      const opened = airshipPush.open(settings());
      return opened.ok && opened.connection.check(test.ctx);
    };

    it('has a message looked over and sends none', async () => {
      next = answer(200, '{"ok":true}');
      expect(await check()).toEqual({ ok: true });
      expect(server.requests.at(-1)?.path).toBe('/api/push/validate');
    });

    it('asks about the keys, not about the message', async () => {
      next = answer(
        400,
        '{"ok":false,"error_code":40000,"details":{"path":"audience.named_user"}}',
      );
      expect(await check()).toEqual({ ok: true });
      next = answer(401);
      expect(await check()).toMatchObject({ ok: false, fault: { code: 'auth_invalid' } });
      next = answer(200, '<html>login</html>');
      expect(await check()).toMatchObject({ ok: false, fault: { class: 'retryable' } });
    });
  });
});
