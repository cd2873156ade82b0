import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  answer,
  startCaptureServer,
  type CapturedRequest,
  type CaptureServer,
  type Reply,
} from '../kit/testing/capture-server.js';
import { describeConnectorContract } from '../kit/testing/connector-contract.js';
import { NOW_MS, testContext } from '../kit/testing/test-context.js';
import { runAction, type ActionOutcome } from '../kit/run-action.js';
import { metaConversions } from './index.js';

const CANARY = 'EAABcanary0123456789';
const JOHN = '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f';
const Sent = z.object({
  data: z.array(z.object({ event_name: z.string(), event_id: z.string() })),
});

function eventsOf({ method, body }: CapturedRequest): z.infer<typeof Sent>['data'] {
  return method === 'POST' ? Sent.parse(JSON.parse(body)).data : [];
}

/** As Meta does: one wrong event refuses the whole request. */
function vendor(request: CapturedRequest): Reply {
  const events = eventsOf(request);
  if (events.some((event) => event.event_name === 'Wrong')) {
    return answer(400, JSON.stringify({ error: { code: 100, error_subcode: 2804003 } }));
  }
  return answer(200, JSON.stringify({ events_received: events.length, fbtrace_id: 'x' }));
}

describeConnectorContract({
  connector: metaConversions,
  action: 'event',
  settings: { datasetId: '1234', accessToken: CANARY },
  canary: CANARY,
  input: (n) => ({ event: 'Lead', actionSource: 'other', externalId: `person-${n}` }),
  invalidInput: { event: 'Lead', actionSource: 'nowhere', externalId: 'person-x' },
  standIn: async (manner) => {
    const server = await startCaptureServer((request) =>
      manner === 'accepts' ? vendor(request) : { kind: 'silence' },
    );
    const received = (): number => server.requests.flatMap(eventsOf).length;
    return { baseUrl: server.url, received, close: server.close };
  },
});

describe('meta conversions over a socket', () => {
  let server: CaptureServer;
  let next: (request: CapturedRequest) => Reply = vendor;
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer((request) => next(request));
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const settings = (): object => ({ datasetId: '1234', accessToken: 'EAAB', baseUrl: server.url });
  const send = (...inputs: readonly object[]): Promise<ActionOutcome> =>
    runAction(
      metaConversions,
      {
        action: 'event',
        settings: settings(),
        items: inputs.map((input, n) => ({
          key: `e:s:${n}`,
          input: { event: 'Lead', actionSource: 'other', email: 'john_smith@gmail.com', ...input },
        })),
      },
      test.ctx,
    );

  it('sends exactly this', async () => {
    expect((await send({ value: 5, currency: 'USD' })).results).toEqual([{ status: 'delivered' }]);
    const { method, path, headers, body } = server.requests.at(-1) ?? {};
    const sent: unknown = JSON.parse(body ?? '');
    expect({ method, path, body: sent }).toEqual({
      method: 'POST',
      path: '/v25.0/1234/events',
      body: {
        data: [
          {
            event_name: 'Lead',
            event_time: Math.floor(NOW_MS / 1_000),
            action_source: 'other',
            user_data: { em: [JOHN] },
            event_id: 'e:s:0',
            custom_data: { value: 5, currency: 'USD' },
          },
        ],
      },
    });
    expect(headers).toMatchObject({
      authorization: 'Bearer EAAB',
      'content-type': 'application/json',
    });
  });

  it('lets a wrong event fail alone, although Meta refuses its whole request', async () => {
    const before = server.requests.length;
    const { results } = await send({}, { event: 'Wrong' }, {});
    expect(results).toEqual([
      { status: 'delivered' },
      { status: 'failed', code: 'item_rejected', message: 'HTTP 400, 100, 2804003' },
      { status: 'delivered' },
    ]);
    expect(server.requests.length - before).toBe(4);
    const ids = server.requests.slice(before).map((request) => eventsOf(request)[0]?.event_id);
    expect(ids.sort()).toEqual(['e:s:0', 'e:s:0', 'e:s:1', 'e:s:2']);
  });

  it('does not let an old event cost its neighbours anything', async () => {
    const before = server.requests.length;
    const { results } = await send({ occurredAt: '2026-01-01T00:00:00Z' }, {});
    expect(results).toMatchObject([{ code: 'item_invalid' }, { status: 'delivered' }]);
    expect(server.requests.slice(before).flatMap(eventsOf)).toHaveLength(1);
  });

  it.each<[string, Reply, object]>([
    ['a broken connection', { kind: 'reset' }, { status: 'retry', code: 'outcome_unknown' }],
    ['an answer that is cut', { kind: 'cut' }, { status: 'retry', code: 'response_unreadable' }],
    [
      'a throttle',
      answer(400, '{"error":{"code":80003}}'),
      { status: 'retry', code: 'rate_limited', afterMs: 60_000 },
    ],
  ])('tries again after %s, since Meta knows the event by its id', async (_name, given, result) => {
    next = () => given;
    expect((await send({})).results).toEqual([result]);
    next = vendor;
  });

  it('learns from the dataset whether the settings work', async () => {
    const opened = metaConversions.open(settings());
    const check = async (): Promise<unknown> => opened.ok && opened.connection.check(test.ctx);
    next = () => answer(200, '{"id":"1234"}');
    expect(await check()).toEqual({ ok: true });
    expect(server.requests.at(-1)).toMatchObject({ method: 'GET', path: '/v25.0/1234?fields=id' });
    next = () => answer(400, '{"error":{"code":190}}');
    expect(await check()).toMatchObject({ ok: false, fault: { code: 'auth_invalid' } });
    next = vendor;
  });
});
