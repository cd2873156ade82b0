import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RefreshGrant, Renewal, TokenStore } from './access-token.js';
import type { RunContext } from './context.js';
import type { ConnectorRules } from './define-connector.js';
import type { HttpPlan } from './http-plan.js';
import { createPacer } from './pacer.js';
import { send } from './send.js';
import type { SendOutcome } from './send-plan.js';
import {
  answer,
  startCaptureServer,
  type CapturedRequest,
  type CaptureServer,
  type Reply,
} from './testing/capture-server.js';
import { testContext } from './testing/test-context.js';

const RULES: ConnectorRules = {
  key: 'ads',
  idempotency: 'key',
  limits: { maxItems: 10, maxBytes: 1_000, concurrency: 1, timeoutMs: 2_000 },
};
const LATER = { kind: 'fault', fault: { class: 'retryable', code: 'provider_unavailable' } };

describe('sending for a connection', () => {
  let server: CaptureServer;
  let replies: Reply[] = [];
  const test = testContext();
  const clock = { at: 1_000_000 };
  beforeAll(async () => {
    server = await startCaptureServer(() => replies.shift() ?? answer(200, '{"ok":true}'));
  });
  beforeEach(() => {
    replies = [];
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const plan = (): HttpPlan => ({
    method: 'POST',
    url: `${server.url}/v1/things`,
    headers: {},
    body: { kind: 'json', value: {} },
    items: [0],
  });
  const sendWith = (
    over: Partial<RunContext>,
    { rules = RULES, grant }: { rules?: ConnectorRules; grant?: RefreshGrant } = {},
  ): Promise<SendOutcome> =>
    send(plan(), { connector: rules, ctx: { ...test.ctx, ...over }, grant });
  const since = (before: number): readonly CapturedRequest[] => server.requests.slice(before);

  describe('at its pace', () => {
    const slow: ConnectorRules = { ...RULES, limits: { ...RULES.limits, requestsPerSecond: 20 } };

    it('waits for its turn rather than being refused', async () => {
      const pacer = createPacer(Date.now);
      const startedAt = Date.now();
      const sends = Array.from({ length: 24 }, () => sendWith({ pacer }, { rules: slow }));
      const outcomes = await Promise.all(sends);
      expect(outcomes.every((one) => one.kind === 'answered')).toBe(true);
      // 20 at once, and four more at 50 ms each.
      expect(Date.now() - startedAt).toBeGreaterThanOrEqual(190);
    });

    it('leaves a long wait to its caller and sends nothing', async () => {
      const pacer = createPacer(() => clock.at);
      pacer.hold('ads w:one', 60_000);
      const before = server.requests.length;
      expect(await sendWith({ pacer, connection: 'w:one' })).toMatchObject({
        kind: 'fault',
        fault: { class: 'rateLimited', afterMs: 60_000 },
      });
      expect(since(before)).toEqual([]);
      expect(await sendWith({ pacer, connection: 'w:two' })).toMatchObject({ kind: 'answered' });
    });

    it('is not sent when it is called off while waiting', async () => {
      const pacer = createPacer(() => clock.at);
      pacer.hold('ads ', 4_000);
      const stop = new AbortController();
      const sending = sendWith({ pacer, signal: stop.signal });
      stop.abort();
      expect(await sending).toMatchObject({ fault: { class: 'retryable', code: 'cancelled' } });
    });

    it.each<[string, Reply, number]>([
      ['429 with seconds', answer(429, '', { 'retry-after': '30' }), 30_000],
      ['503 with seconds', answer(503, '', { 'retry-after': '7' }), 7_000],
    ])('holds the whole connection after %s', async (_name, reply, afterMs) => {
      const pacer = createPacer(() => clock.at);
      replies = [reply];
      expect(await sendWith({ pacer })).toMatchObject({ kind: 'answered' });
      expect(await sendWith({ pacer })).toMatchObject({ fault: { class: 'rateLimited', afterMs } });
    });

    it('knows a throttle by the vendor’s own words, and does not have it read as a refusal', async () => {
      const pacer = createPacer(() => clock.at);
      const rateLimitOf: ConnectorRules['rateLimitOf'] = ({ body }) =>
        body.includes('80003') ? { afterMs: 9_000 } : undefined;
      const rules = { ...RULES, rateLimitOf };
      replies = [answer(400, '{"code":80003}')];
      const limited = { fault: { class: 'rateLimited', code: 'rate_limited', afterMs: 9_000 } };
      expect(await sendWith({ pacer }, { rules })).toMatchObject(limited);
      expect(await sendWith({ pacer }, { rules })).toMatchObject(limited);
      expect(await sendWith({}, { rules })).toMatchObject({ kind: 'answered' });
    });
  });

  describe('with an access token', () => {
    const grant = (): RefreshGrant => ({
      tokenUrl: `${server.url}/token`,
      clientId: 'id',
      clientSecret: 'secret',
      refreshToken: 'refresh',
    });
    const issue = (token: string): Reply =>
      answer(200, JSON.stringify({ access_token: token, expires_in: 3_600 }));
    const bearers = (before: number): readonly (string | undefined)[] =>
      since(before).map(({ headers }) => headers['authorization']);

    it('sends it along', async () => {
      replies = [issue('one')];
      const before = server.requests.length;
      expect(await sendWith({}, { grant: grant() })).toMatchObject({ kind: 'answered' });
      expect(bearers(before)).toEqual([undefined, 'Bearer one']);
    });

    it('gets one new token after a 401 and sends once more, not twice', async () => {
      replies = [issue('one'), answer(401), issue('two'), answer(401)];
      const before = server.requests.length;
      expect(await sendWith({}, { grant: grant() })).toMatchObject({ response: { status: 401 } });
      expect(bearers(before)).toEqual([undefined, 'Bearer one', undefined, 'Bearer two']);
    });

    it('tells the store which token was refused', async () => {
      const asked: (string | undefined)[] = [];
      const tokens: TokenStore = {
        current: ({ stale }): Promise<Renewal> => {
          asked.push(stale);
          const token = { token: `t${asked.length}`, expiresAt: Number.MAX_SAFE_INTEGER };
          return Promise.resolve({ ok: true, token });
        },
      };
      replies = [answer(401)];
      expect(await sendWith({ tokens }, { grant: grant() })).toMatchObject({ kind: 'answered' });
      expect(asked).toEqual([undefined, 't1']);
    });

    it('sends nothing without one: refused is a person’s business, trouble is not', async () => {
      replies = [answer(400, '{"error":"invalid_grant"}')];
      const before = server.requests.length;
      expect(await sendWith({}, { grant: grant() })).toMatchObject({
        fault: { class: 'authInvalid', message: 'HTTP 400 from the token URL' },
      });
      for (const reply of [answer(500), answer(200, '<html>'), { kind: 'reset' } as const]) {
        replies = [reply];
        expect(await sendWith({}, { grant: grant() })).toMatchObject(LATER);
      }
      expect(since(before).every(({ path }) => path === '/token')).toBe(true);
    });

    it('tries later when the place where tokens are kept is away', async () => {
      const tokens: TokenStore = { current: () => Promise.reject(new RangeError('no database')) };
      expect(await sendWith({ tokens }, { grant: grant() })).toMatchObject(LATER);
    });
  });
});
