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
import { batchPush } from './index.js';

const CANARY = 'canary0123456789';
const ACCEPTED = answer(201, '{"token":"t-1"}');

describeConnectorContract({
  connector: batchPush,
  action: 'send',
  settings: { restApiKey: CANARY, apiKey: 'APP-1' },
  canary: CANARY,
  input: (n) => ({ address: `person-${n}`, title: 'Order', body: `For person-${n}` }),
  invalidInput: { address: '', body: 'person-x' },
  standIn: async (manner) => {
    const server = await startCaptureServer(() =>
      manner === 'accepts' ? ACCEPTED : { kind: 'silence' },
    );
    const received = (): number => server.requests.filter(({ method }) => method === 'POST').length;
    return { baseUrl: server.url, received, close: server.close };
  },
});

describe('batch over a socket', () => {
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
  const settings = (): object => ({ restApiKey: 'rest', apiKey: 'APP-1', baseUrl: server.url });
  const push = (): Promise<ActionOutcome> =>
    runAction(
      batchPush,
      {
        action: 'send',
        settings: settings(),
        items: [{ key: 'e:s:1', input: { address: 'customer-1', title: 'Hi', body: 'Grüße ✓' } }],
      },
      test.ctx,
    );

  it('sends exactly this', async () => {
    next = ACCEPTED;
    expect((await push()).results).toEqual([{ status: 'delivered', providerId: 't-1' }]);
    const { method, path, headers, body } = server.requests.at(-1) ?? {};
    const sent: unknown = JSON.parse(body ?? '');
    expect({ method, path, body: sent }).toEqual({
      method: 'POST',
      path: '/1.1/APP-1/transactional/send',
      body: {
        group_id: 'throughline',
        recipients: { custom_ids: ['customer-1'] },
        message: { title: 'Hi', body: 'Grüße ✓' },
      },
    });
    expect(headers).toMatchObject({
      'x-authorization': 'rest',
      'content-type': 'application/json',
    });
  });

  it.each<[string, Reply, object]>([
    ['a broken connection', { kind: 'reset' }, { status: 'unknown', code: 'outcome_unknown' }],
    ['an answer that is cut', { kind: 'cut' }, { status: 'unknown', code: 'response_unreadable' }],
    ['503', answer(503), { status: 'retry', code: 'provider_unavailable' }],
  ])('after %s it sends again only what cannot have gone out', async (_name, given, result) => {
    next = given;
    expect((await push()).results).toEqual([result]);
  });

  it('asks for attention when the company key is refused', async () => {
    next = answer(401, '{"code":10,"message":"no"}');
    expect((await push()).attention).toBe('auth_invalid');
  });

  it('learns from the list of campaigns whether the keys work', async () => {
    const opened = batchPush.open(settings());
    const check = async (): Promise<unknown> => opened.ok && opened.connection.check(test.ctx);
    next = answer(200, '[]');
    expect(await check()).toEqual({ ok: true });
    expect(server.requests.at(-1)).toMatchObject({
      method: 'GET',
      path: '/1.1/APP-1/campaigns/list?limit=1',
    });
    next = answer(401);
    expect(await check()).toMatchObject({ ok: false, fault: { code: 'auth_invalid' } });
  });
});
