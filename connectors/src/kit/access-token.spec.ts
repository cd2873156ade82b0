import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  accessToken,
  type RefreshGrant,
  type TokenRequest,
  type TokenStore,
} from './access-token.js';
import {
  answer,
  startCaptureServer,
  type CaptureServer,
  type Reply,
} from './testing/capture-server.js';
import { NOW_MS, testContext } from './testing/test-context.js';

describe('an access token', () => {
  let server: CaptureServer;
  let reply: Reply = answer(200);
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer(() => reply);
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const grant = (): RefreshGrant => ({
    tokenUrl: `${server.url}/token`,
    clientId: 'id',
    clientSecret: 's&cret',
    refreshToken: 'refresh',
  });
  const issued = (over: object): Reply =>
    answer(200, JSON.stringify({ access_token: 't', ...over }));
  const sentRefreshToken = (): string | null =>
    new URLSearchParams(server.requests.at(-1)?.body).get('refresh_token');

  it('is asked for as RFC 6749 has it', async () => {
    reply = issued({ expires_in: 3_600 });
    await accessToken(grant(), test.ctx);
    const request = server.requests.at(-1);
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(request?.body).toBe(
      'grant_type=refresh_token&client_id=id&client_secret=s%26cret&refresh_token=refresh',
    );
  });

  it.each([
    ['an hour', { expires_in: 3_600 }, 3_540_000],
    ['a minute', { expires_in: 60 }, 30_000],
    ['nobody knows how long', {}, 3_540_000],
  ])('that lives %s is not used to its last moment', async (_name, over, ms) => {
    reply = issued(over);
    expect(await accessToken(grant(), test.ctx)).toEqual({
      ok: true,
      token: { token: 't', expiresAt: NOW_MS + ms, refreshToken: undefined },
    });
  });

  it('comes with the refresh token for next time, where the vendor changes it', async () => {
    reply = issued({ refresh_token: 'next' });
    const kept: TokenStore = {
      current: ({ renew }) => renew({ token: 'old', expiresAt: 0, refreshToken: 'kept' }),
    };
    expect(await accessToken(grant(), { ...test.ctx, tokens: kept })).toMatchObject({
      token: { refreshToken: 'next' },
    });
    expect(sentRefreshToken()).toBe('kept');
  });

  it('goes by an id that tells nothing of the grant and changes with it', async () => {
    const ids: string[] = [];
    const tokens: TokenStore = {
      current: ({ grantId, renew }: TokenRequest) => {
        ids.push(grantId);
        return renew(undefined);
      },
    };
    const ctx = { ...test.ctx, tokens };
    await accessToken(grant(), ctx);
    await accessToken(grant(), ctx);
    await accessToken({ ...grant(), refreshToken: 'other' }, ctx);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(ids.join()).not.toContain('refresh');
  });

  it.each<[string, Reply, string]>([
    ['400', answer(400, '{"error":"invalid_grant"}'), 'auth_invalid'],
    ['401', answer(401, '{"error":"invalid_client"}'), 'auth_invalid'],
    ['429', answer(429, '', { 'retry-after': '5' }), 'rate_limited'],
    ['500', answer(500), 'provider_unavailable'],
    ['HTML under 200', answer(200, '<html>'), 'provider_unavailable'],
    ['an empty token', answer(200, '{"access_token":""}'), 'provider_unavailable'],
    ['a broken connection', { kind: 'reset' }, 'provider_unavailable'],
    ['an answer that is cut', { kind: 'cut' }, 'provider_unavailable'],
  ])('is not to be had: %s', async (_name, given, code) => {
    reply = given;
    expect(await accessToken(grant(), test.ctx)).toMatchObject({ ok: false, fault: { code } });
  });
});
