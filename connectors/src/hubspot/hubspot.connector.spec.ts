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
import { testContext } from '../kit/testing/test-context.js';
import { runAction, type ActionOutcome } from '../kit/run-action.js';
import { hubspot } from './index.js';

const CANARY = 'pat-canary-0123456789';
const Sent = z.object({
  inputs: z.array(z.object({ id: z.string(), objectWriteTraceId: z.string() })),
});

function inputsOf({ method, body }: CapturedRequest): z.infer<typeof Sent>['inputs'] {
  return method === 'POST' ? Sent.parse(JSON.parse(body)).inputs : [];
}

/** As HubSpot does: a wrong address refuses the whole request. */
function vendor(request: CapturedRequest): Reply {
  const inputs = inputsOf(request);
  if (inputs.some(({ id }) => id.startsWith('wrong'))) {
    return answer(400, JSON.stringify({ status: 'error', category: 'VALIDATION_ERROR' }));
  }
  const results = inputs.map(({ id, objectWriteTraceId }) => ({ id, objectWriteTraceId }));
  return answer(200, JSON.stringify({ status: 'COMPLETE', results }));
}

describeConnectorContract({
  connector: hubspot,
  action: 'contact',
  settings: { accessToken: CANARY, idProperty: 'email' },
  canary: CANARY,
  input: (n) => ({ id: `person-${n}@shop.example`, properties: { firstname: `person-${n}` } }),
  invalidInput: { id: '', properties: { firstname: 'person-x' } },
  standIn: async (manner) => {
    const server = await startCaptureServer((request) =>
      manner === 'accepts' ? vendor(request) : { kind: 'silence' },
    );
    const received = (): number => server.requests.flatMap(inputsOf).length;
    return { baseUrl: server.url, received, close: server.close };
  },
});

describe('hubspot over a socket', () => {
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
  const upsert = (...ids: readonly string[]): Promise<ActionOutcome> =>
    runAction(
      hubspot,
      {
        action: 'contact',
        settings: { accessToken: 'pat-test', baseUrl: server.url },
        items: ids.map((id, n) => ({
          key: `e:s:${n}`,
          input: { id, properties: { firstname: 'Ada' }, dates: { joined: '2026-03-01' } },
        })),
      },
      test.ctx,
    );

  it('sends exactly this', async () => {
    expect((await upsert('ada@shop.example')).results).toEqual([
      { status: 'delivered', providerId: 'ada@shop.example' },
    ]);
    const { method, path, headers, body } = server.requests.at(-1) ?? {};
    const sent: unknown = JSON.parse(body ?? '');
    expect({ method, path, body: sent }).toEqual({
      method: 'POST',
      path: '/crm/v3/objects/contacts/batch/upsert',
      body: {
        inputs: [
          {
            id: 'ada@shop.example',
            idProperty: 'email',
            objectWriteTraceId: 'e:s:0',
            properties: { firstname: 'Ada', joined: '1772323200000' },
          },
        ],
      },
    });
    expect(headers).toMatchObject({
      authorization: 'Bearer pat-test',
      'content-type': 'application/json',
    });
  });

  it('lets a wrong contact fail alone, although HubSpot refuses its whole request', async () => {
    const before = server.requests.length;
    const { results } = await upsert('ada@shop.example', 'wrong', 'bob@shop.example');
    expect(results).toEqual([
      { status: 'delivered', providerId: 'ada@shop.example' },
      { status: 'failed', code: 'item_rejected', message: 'HTTP 400, VALIDATION_ERROR' },
      { status: 'delivered', providerId: 'bob@shop.example' },
    ]);
    expect(server.requests.length - before).toBe(4);
  });

  it('keeps requests below the size that it allows itself, each contact in one of them', async () => {
    const before = server.requests.length;
    const items = Array.from({ length: 40 }, (_, n) => ({
      key: `big:${n}`,
      input: { id: `c-${n}@shop.example`, properties: { notes: 'x'.repeat(60_000) } },
    }));
    const settings = { accessToken: 'pat-test', baseUrl: server.url };
    await runAction(hubspot, { action: 'contact', settings, items }, test.ctx);
    const sent = server.requests.slice(before);
    expect(
      sent
        .flatMap(inputsOf)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(items.map(({ input }) => input.id).sort());
    expect(sent.length).toBe(3);
    expect(sent.every(({ body }) => body.length < 1.1 * hubspot.limits.maxBytes)).toBe(true);
  });

  it('asks for attention when the token is refused, and sends nothing a second time', async () => {
    next = () => answer(401, JSON.stringify({ category: 'INVALID_AUTHENTICATION' }));
    const before = server.requests.length;
    expect(await upsert('ada@shop.example', 'bob@shop.example')).toMatchObject({
      results: [{ code: 'auth_invalid' }, { code: 'auth_invalid' }],
      attention: 'auth_invalid',
    });
    expect(server.requests.length - before).toBe(1);
    next = vendor;
  });

  it('learns from one contact whether the token works', async () => {
    const opened = hubspot.open({ accessToken: 'pat-test', baseUrl: server.url });
    expect(opened.ok && (await opened.connection.check(test.ctx))).toEqual({ ok: true });
    expect(server.requests.at(-1)).toMatchObject({
      method: 'GET',
      path: '/crm/v3/objects/contacts?limit=1',
    });
  });
});
