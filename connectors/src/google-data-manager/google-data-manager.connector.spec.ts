import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
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
import { googleDataManager } from './index.js';

const CANARY = 'canary-0123456789';
const Sent = z.object({ audienceMembers: z.array(z.unknown()) });
const SETTINGS = {
  clientId: 'id',
  clientSecret: `secret-${CANARY}`,
  refreshToken: `refresh-${CANARY}`,
  accountId: '1234567890',
  customerMatchTerms: 'accepted',
};

const isToken = ({ path }: CapturedRequest): boolean => path === '/token';

function token(request: CapturedRequest): Reply | undefined {
  return isToken(request)
    ? answer(200, '{"access_token":"ya29.a","expires_in":3599,"token_type":"Bearer"}')
    : undefined;
}

const TAKEN = answer(200, '{"requestId":"r-1"}');

function membersIn(request: CapturedRequest): readonly unknown[] {
  return isToken(request) ? [] : Sent.parse(JSON.parse(request.body)).audienceMembers;
}

describeConnectorContract({
  connector: googleDataManager,
  action: 'add',
  settings: SETTINGS,
  canary: CANARY,
  input: (n) => ({ audienceId: '987', email: `person-${n}@shop.example` }),
  invalidInput: { audienceId: '', email: 'person-x@shop.example' },
  preamble: token,
  standIn: async (manner) => {
    const server = await startCaptureServer(
      (request) => token(request) ?? (manner === 'accepts' ? TAKEN : { kind: 'silence' }),
    );
    const received = (): number => server.requests.flatMap(membersIn).length;
    return { baseUrl: server.url, received, close: server.close };
  },
});

describe('google-data-manager over a socket', () => {
  let server: CaptureServer;
  let tokens: Reply[] = [];
  let replies: Reply[] = [];
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer((request) =>
      isToken(request) ? (tokens.shift() ?? token(request) ?? TAKEN) : (replies.shift() ?? TAKEN),
    );
  });
  beforeEach(() => {
    tokens = [];
    replies = [];
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const add = (): Promise<ActionOutcome> =>
    runAction(
      googleDataManager,
      {
        action: 'add',
        settings: { ...SETTINGS, baseUrl: server.url },
        items: [
          {
            key: 'page:0',
            input: { audienceId: '987', email: 'alexz@example.com', consent: 'granted' },
          },
        ],
      },
      test.ctx,
    );
  const since = (before: number): readonly CapturedRequest[] => server.requests.slice(before);

  it('sends exactly this', async () => {
    const before = server.requests.length;
    expect((await add()).results).toEqual([{ status: 'delivered', providerId: 'r-1' }]);
    const [asked, sent] = since(before);
    expect(asked).toMatchObject({ method: 'POST', path: '/token' });
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'id',
      client_secret: SETTINGS.clientSecret,
      refresh_token: SETTINGS.refreshToken,
    });
    expect(sent).toMatchObject({ method: 'POST', path: '/v1/audienceMembers:ingest' });
    expect(sent?.headers['authorization']).toBe('Bearer ya29.a');
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      destinations: [
        {
          operatingAccount: { accountType: 'GOOGLE_ADS', accountId: '1234567890' },
          productDestinationId: '987',
        },
      ],
      audienceMembers: [
        {
          userData: {
            userIdentifiers: [
              {
                emailAddress: '509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a',
              },
            ],
          },
          consent: { adUserData: 'CONSENT_GRANTED', adPersonalization: 'CONSENT_GRANTED' },
        },
      ],
      encoding: 'HEX',
      termsOfService: { customerMatchTermsOfServiceStatus: 'ACCEPTED' },
    });
  });

  it('gets a new token when the old one is refused, and sends once more', async () => {
    replies = [answer(401)];
    tokens = [
      answer(200, '{"access_token":"old","expires_in":10}'),
      answer(200, '{"access_token":"new","expires_in":3599}'),
    ];
    const before = server.requests.length;
    expect((await add()).results).toMatchObject([{ status: 'delivered' }]);
    const calls = since(before).filter((request) => !isToken(request));
    expect(calls.map((request) => request.headers['authorization'])).toEqual([
      'Bearer old',
      'Bearer new',
    ]);
  });

  it('asks for a person when the new token is refused as well', async () => {
    replies = [answer(401), answer(401), TAKEN];
    const before = server.requests.length;
    expect(await add()).toMatchObject({
      results: [{ status: 'failed', code: 'auth_invalid' }],
      attention: 'auth_invalid',
    });
    expect(since(before).filter((request) => !isToken(request))).toHaveLength(2);
  });

  it('asks for a person when no token is given out, and sends nobody’s data', async () => {
    tokens = [answer(400, '{"error":"invalid_grant"}')];
    const before = server.requests.length;
    expect((await add()).attention).toBe('auth_invalid');
    expect(since(before)).toHaveLength(1);
  });

  it('waits as long as a quota says', async () => {
    replies = [answer(429, JSON.stringify({ error: { details: [{ retryDelay: '30s' }] } }))];
    expect((await add()).results).toEqual([
      { status: 'retry', code: 'rate_limited', afterMs: 30_000 },
    ]);
  });

  it('says of itself whether Google gives out a token', async () => {
    const opened = googleDataManager.open({ ...SETTINGS, baseUrl: server.url });
    tokens = [answer(401, '{"error":"invalid_client"}')];
    expect(opened.ok && (await opened.connection.check(test.ctx))).toMatchObject({
      ok: false,
      fault: { code: 'auth_invalid' },
    });
    expect(opened.ok && (await opened.connection.check(test.ctx))).toEqual({ ok: true });
  });
});
