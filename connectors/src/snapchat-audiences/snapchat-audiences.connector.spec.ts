import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { sha256 } from '../hashing/index.js';
import { runAction, type ActionOutcome } from '../kit/run-action.js';
import {
  answer,
  startCaptureServer,
  type CapturedRequest,
  type CaptureServer,
  type Reply,
} from '../kit/testing/capture-server.js';
import { describeConnectorContract } from '../kit/testing/connector-contract.js';
import { testContext } from '../kit/testing/test-context.js';
import { snapchatAudiences } from './index.js';

const CANARY = 'canary-0123456789';
const SETTINGS = {
  clientId: 'id',
  clientSecret: `secret-${CANARY}`,
  refreshToken: `refresh-${CANARY}`,
};
const Sent = z.object({ users: z.array(z.object({ data: z.array(z.array(z.string())) })) });
const TAKEN = answer(
  200,
  '{"request_status":"SUCCESS","users":[{"sub_request_status":"SUCCESS","user":{}}]}',
);

const isUpload = ({ path }: CapturedRequest): boolean => path.endsWith('/users');

function token({ path }: CapturedRequest): Reply | undefined {
  return path === '/login/oauth2/access_token'
    ? answer(200, '{"access_token":"snap-token","expires_in":1800}')
    : undefined;
}

function rowsIn(request: CapturedRequest): readonly unknown[] {
  return isUpload(request)
    ? Sent.parse(JSON.parse(request.body)).users.flatMap(({ data }) => data)
    : [];
}

describeConnectorContract({
  connector: snapchatAudiences,
  action: 'add',
  settings: SETTINGS,
  canary: CANARY,
  input: (n) => ({ audienceId: '5677', email: `person-${n}@shop.example` }),
  invalidInput: { audienceId: '', email: 'person-x@shop.example' },
  preamble: token,
  standIn: async (manner) => {
    const server = await startCaptureServer(
      (request) => token(request) ?? (manner === 'accepts' ? TAKEN : { kind: 'silence' }),
    );
    const received = (): number => server.requests.flatMap(rowsIn).length;
    return { baseUrl: server.url, received, close: server.close };
  },
});

describe('snapchat-audiences over a socket', () => {
  let server: CaptureServer;
  let reply: (request: CapturedRequest) => Reply = () => TAKEN;
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer((request) => token(request) ?? reply(request));
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const run = (action: 'add' | 'remove', input: object): Promise<ActionOutcome> =>
    runAction(
      snapchatAudiences,
      {
        action,
        settings: { ...SETTINGS, baseUrl: server.url },
        items: [{ key: 'page:0', input: { audienceId: '5677', ...input } }],
      },
      test.ctx,
    );

  it.each([
    ['add', 'POST'],
    ['remove', 'DELETE'],
  ] as const)('%s sends exactly this', async (action, method) => {
    expect((await run(action, { email: 'person@example.com' })).results).toEqual([
      { status: 'delivered' },
    ]);
    const request = server.requests.at(-1);
    expect(request).toMatchObject({ method, path: '/v1/segments/5677/users' });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      users: [
        {
          schema: ['EMAIL_SHA256'],
          data: [['542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345']],
        },
      ],
    });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer snap-token',
      'content-type': 'application/json',
    });
  });

  it('tries a member again when one of its identifiers did not arrive', async () => {
    const phone = sha256('448444124653');
    reply = ({ body }) => (body.includes(phone) ? answer(500) : TAKEN);
    const member = { email: 'person@example.com', phone: '+44 844 412 4653' };
    expect((await run('add', member)).results).toEqual([
      { status: 'retry', code: 'provider_unavailable' },
    ]);
    reply = () => TAKEN;
    expect((await run('add', member)).results).toEqual([{ status: 'delivered' }]);
  });

  it('learns from its own account whether the settings work', async () => {
    reply = () => answer(200, '{"request_status":"SUCCESS","me":{}}');
    const opened = snapchatAudiences.open({ ...SETTINGS, baseUrl: server.url });
    expect(opened.ok && (await opened.connection.check(test.ctx))).toEqual({ ok: true });
    expect(server.requests.at(-1)).toMatchObject({ method: 'GET', path: '/v1/me' });
    reply = () => answer(401);
    expect(opened.ok && (await opened.connection.check(test.ctx))).toMatchObject({ ok: false });
  });
});
