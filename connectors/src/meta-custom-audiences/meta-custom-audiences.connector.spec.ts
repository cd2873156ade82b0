import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { sha256 } from '../hashing/index.js';
import { createPacer } from '../kit/pacer.js';
import { runAction, type ActionOutcome } from '../kit/run-action.js';
import {
  answer,
  startCaptureServer,
  type CapturedRequest,
  type CaptureServer,
  type Reply,
} from '../kit/testing/capture-server.js';
import { describeConnectorContract } from '../kit/testing/connector-contract.js';
import { NOW_MS, testContext } from '../kit/testing/test-context.js';
import { metaCustomAudiences } from './index.js';

const CANARY = 'EAAB-canary-0123456789';
const Sent = z.object({
  payload: z.object({ schema: z.array(z.string()), data: z.array(z.array(z.string())) }),
});

function rowsOf({ method, body }: CapturedRequest): readonly string[][] {
  return method === 'GET' ? [] : Sent.parse(JSON.parse(body)).payload.data;
}

function vendor(request: CapturedRequest): Reply {
  if (request.method === 'GET') return answer(200, '{"id":"1"}');
  const received = rowsOf(request).length;
  const body = { audience_id: '1', num_received: received, num_invalid_entries: 0 };
  return answer(200, JSON.stringify(body));
}

describeConnectorContract({
  connector: metaCustomAudiences,
  action: 'add',
  settings: { accessToken: CANARY, apiVersion: 'v25.0' },
  canary: CANARY,
  input: (n) => ({ audienceId: '23847', email: `person-${n}@shop.example` }),
  invalidInput: { audienceId: '', email: 'person-x@shop.example' },
  standIn: async (manner) => {
    const server = await startCaptureServer((request) =>
      manner === 'accepts' ? vendor(request) : { kind: 'silence' },
    );
    const received = (): number => server.requests.flatMap(rowsOf).length;
    return { baseUrl: server.url, received, close: server.close };
  },
});

describe('meta-custom-audiences over a socket', () => {
  let server: CaptureServer;
  let reply: (request: CapturedRequest) => Reply = vendor;
  const clock = { at: NOW_MS };
  const pacer = createPacer(() => clock.at);
  const test = testContext({ pacer, connection: 'w:meta' });
  beforeAll(async () => {
    server = await startCaptureServer((request) => reply(request));
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const run = (action: 'add' | 'remove', ...emails: string[]): Promise<ActionOutcome> =>
    runAction(
      metaCustomAudiences,
      {
        action,
        settings: { accessToken: 'token', baseUrl: server.url },
        items: emails.map((email, n) => ({
          key: `page:${n}`,
          input: { audienceId: '23847', email, externalId: `c-${n}` },
        })),
      },
      test.ctx,
    );

  it.each([
    ['add', 'POST'],
    ['remove', 'DELETE'],
  ] as const)('%s sends exactly this', async (action, method) => {
    expect((await run(action, 'John_Smith@gmail.com')).results).toEqual([{ status: 'delivered' }]);
    const request = server.requests.at(-1);
    expect(request).toMatchObject({ method, path: '/v25.0/23847/users' });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      payload: {
        schema: ['EMAIL', 'EXTERN_ID'],
        data: [['62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f', 'c-0']],
      },
    });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer token',
      'content-type': 'application/json',
    });
  });

  it('names its two actions as the audience capability', () => {
    expect(metaCustomAudiences.audience).toEqual({ add: 'add', remove: 'remove' });
  });

  it('sends nothing of somebody who cannot be found, and the others all the same', async () => {
    const { results } = await runAction(
      metaCustomAudiences,
      {
        action: 'add',
        settings: { accessToken: 'token', baseUrl: server.url },
        items: [
          { key: 'a', input: { audienceId: '1', country: 'US' } },
          { key: 'b', input: { audienceId: '1', email: 'a@b.example' } },
        ],
      },
      test.ctx,
    );
    expect(results.map(({ status }) => status)).toEqual(['skipped', 'delivered']);
    expect(
      rowsOf(server.requests.at(-1) ?? { method: 'GET', path: '', headers: {}, body: '' }),
    ).toEqual([[sha256('a@b.example')]]);
  });

  it('asks for attention when the audience has been deleted', async () => {
    const error = { code: 100, error_subcode: 1_487_366, message: 'gone' };
    reply = () => answer(400, JSON.stringify({ error }));
    expect((await run('add', 'a@b.example')).attention).toBe('audience_unusable');
    reply = vendor;
  });

  it('lets the whole connection wait when Meta throttles, and goes on afterwards', async () => {
    const usage = { 7: [{ estimated_time_to_regain_access: 2 }] };
    const headers = { 'x-business-use-case-usage': JSON.stringify(usage) };
    reply = () => answer(400, JSON.stringify({ error: { code: 80_003 } }), headers);
    const limited = { status: 'retry', code: 'rate_limited', afterMs: 120_000 };
    expect((await run('add', 'a@b.example')).results).toEqual([limited]);
    reply = vendor;
    const before = server.requests.length;
    expect((await run('remove', 'a@b.example')).results).toEqual([limited]);
    expect(server.requests.length).toBe(before);
    clock.at += 120_000;
    expect((await run('remove', 'a@b.example')).results).toEqual([{ status: 'delivered' }]);
  });
});
