import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  answer,
  startCaptureServer,
  type CapturedRequest,
  type CaptureServer,
  type Reply,
} from '../kit/testing/capture-server.js';
import { describeConnectorContract, type StandIn } from '../kit/testing/connector-contract.js';
import { testContext } from '../kit/testing/test-context.js';
import { runAction, type ActionOutcome } from '../kit/run-action.js';
import { klaviyo } from './index.js';

const CANARY = 'pk_canary0123456789';
const settings = { apiKey: CANARY };

function reply({ path }: CapturedRequest): Reply {
  if (path === '/api/events') return answer(202);
  return answer(200, JSON.stringify({ data: { id: '01GDDKASAP8TKDDA2GRZDSVP4H' } }));
}

async function standIn(manner: 'accepts' | 'swallows'): Promise<StandIn> {
  const server = await startCaptureServer((request) =>
    manner === 'accepts' ? reply(request) : { kind: 'silence' },
  );
  const posts = (): number => server.requests.filter(({ method }) => method === 'POST').length;
  return { baseUrl: server.url, received: posts, close: server.close };
}

describeConnectorContract({
  connector: klaviyo,
  action: 'profile',
  settings,
  canary: CANARY,
  input: (n) => ({ email: `person-${n}@shop.example`, firstName: `person-${n}` }),
  invalidInput: { firstName: 'person-x' },
  standIn,
});

describeConnectorContract({
  connector: klaviyo,
  action: 'event',
  settings,
  canary: CANARY,
  input: (n) => ({ externalId: `person-${n}`, metric: 'Placed Order', value: n }),
  invalidInput: { externalId: 'person-x', metric: '' },
  standIn,
});

describe('klaviyo over a socket', () => {
  let server: CaptureServer;
  let next: Reply = answer(202);
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer(() => next);
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const send = (key: string): Promise<ActionOutcome> =>
    runAction(
      klaviyo,
      {
        action: 'event',
        settings: { apiKey: 'pk_test', baseUrl: server.url },
        items: [{ key, input: { email: 'ada@shop.example', metric: 'Placed Order', value: 5 } }],
      },
      test.ctx,
    );

  it('sends exactly this', async () => {
    next = answer(202);
    expect(await send('0197:send:1')).toEqual({ results: [{ status: 'delivered' }] });
    const { method, path, headers, body } = server.requests.at(-1) ?? {};
    const sent: unknown = JSON.parse(body ?? '');
    expect({ method, path, body: sent }).toEqual({
      method: 'POST',
      path: '/api/events',
      body: {
        data: {
          type: 'event',
          attributes: {
            value: 5,
            unique_id: '0197:send:1',
            properties: {},
            metric: { data: { type: 'metric', attributes: { name: 'Placed Order' } } },
            profile: { data: { type: 'profile', attributes: { email: 'ada@shop.example' } } },
          },
        },
      },
    });
    expect(headers).toMatchObject({
      authorization: 'Klaviyo-API-Key pk_test',
      revision: '2026-04-15',
      'content-type': 'application/vnd.api+json',
      'user-agent': 'Throughline',
    });
  });

  it.each<[string, Reply, object]>([
    [
      '429',
      answer(429, '', { 'retry-after': '59' }),
      { status: 'retry', code: 'rate_limited', afterMs: 59_000 },
    ],
    ['a broken connection', { kind: 'reset' }, { status: 'retry', code: 'outcome_unknown' }],
    ['an answer that is cut', { kind: 'cut' }, { status: 'retry', code: 'response_unreadable' }],
  ])(
    'tries again after %s, since Klaviyo knows the event by its id',
    async (name, given, result) => {
      next = given;
      expect((await send(`row:${name}`)).results).toEqual([result]);
    },
  );

  it('asks for attention when the key is refused', async () => {
    next = answer(401, JSON.stringify({ errors: [{ code: 'not_authenticated' }] }));
    expect((await send('auth')).attention).toBe('auth_invalid');
  });

  it('learns from the account whether the key works', async () => {
    const opened = klaviyo.open({ apiKey: 'pk_test', baseUrl: server.url });
    const check = async (): Promise<unknown> => opened.ok && opened.connection.check(test.ctx);
    next = answer(200, '{"data":[]}');
    expect(await check()).toEqual({ ok: true });
    expect(server.requests.at(-1)).toMatchObject({ method: 'GET', path: '/api/accounts' });
    next = answer(403);
    expect(await check()).toMatchObject({ ok: false, fault: { code: 'auth_invalid' } });
  });
});
