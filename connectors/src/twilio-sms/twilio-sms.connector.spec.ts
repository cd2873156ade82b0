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
import { twilioSms } from './index.js';

const CANARY = 'canary0123456789canary0123456789';
const SID = `AC${'0'.repeat(32)}`;
const TAKEN = answer(201, JSON.stringify({ sid: 'SM1', status: 'queued', error_code: null }));

describeConnectorContract({
  connector: twilioSms,
  action: 'send',
  settings: { accountSid: SID, authToken: CANARY, from: '+15005550006' },
  canary: CANARY,
  input: (n) => ({ to: '+14155550100', text: `For person-${n}` }),
  invalidInput: { to: 'person-x', text: 'x' },
  standIn: async (manner) => {
    const server = await startCaptureServer(() =>
      manner === 'accepts' ? TAKEN : { kind: 'silence' },
    );
    const received = (): number => server.requests.filter(({ method }) => method === 'POST').length;
    return { baseUrl: server.url, received, close: server.close };
  },
});

describe('twilio over a socket', () => {
  let server: CaptureServer;
  let next: Reply = TAKEN;
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer(() => next);
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const settings = (): object => ({
    accountSid: SID,
    authToken: 'token-token-token',
    messagingServiceSid: `MG${'1'.repeat(32)}`,
    statusCallback: 'https://api.example/v1/receipts/w.sms/twilio',
    baseUrl: server.url,
  });
  const send = (): Promise<ActionOutcome> =>
    runAction(
      twilioSms,
      {
        action: 'send',
        settings: settings(),
        items: [{ key: 'e:s:1', input: { to: '+491701234567', text: 'Grüße & mehr ✓' } }],
      },
      test.ctx,
    );

  it('sends exactly this', async () => {
    next = TAKEN;
    expect((await send()).results).toEqual([{ status: 'delivered', providerId: 'SM1' }]);
    const { method, path, headers, body } = server.requests.at(-1) ?? {};
    expect({ method, path, fields: Object.fromEntries(new URLSearchParams(body)) }).toEqual({
      method: 'POST',
      path: `/2010-04-01/Accounts/${SID}/Messages.json`,
      fields: {
        To: '+491701234567',
        MessagingServiceSid: `MG${'1'.repeat(32)}`,
        Body: 'Grüße & mehr ✓',
        StatusCallback: 'https://api.example/v1/receipts/w.sms/twilio',
      },
    });
    expect(headers).toMatchObject({
      authorization: `Basic ${Buffer.from(`${SID}:token-token-token`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    });
  });

  it.each<[string, Reply, object]>([
    ['a broken connection', { kind: 'reset' }, { status: 'unknown', code: 'outcome_unknown' }],
    ['an answer that is cut', { kind: 'cut' }, { status: 'unknown', code: 'response_unreadable' }],
    ['502', answer(502), { status: 'unknown', code: 'outcome_unknown' }],
    ['500', answer(500), { status: 'retry', code: 'provider_unavailable' }],
  ])('after %s it sends again only what cannot have gone out', async (_name, given, result) => {
    next = given;
    expect((await send()).results).toEqual([result]);
  });

  it('checks its settings by reading the account', async () => {
    const check = async (): Promise<unknown> => {
      const opened = twilioSms.open(settings());
      return opened.ok && opened.connection.check(test.ctx);
    };
    next = answer(200, '{"sid":"AC"}');
    expect(await check()).toEqual({ ok: true });
    expect(server.requests.at(-1)).toMatchObject({
      method: 'GET',
      path: `/2010-04-01/Accounts/${SID}.json`,
    });
    next = answer(401, '{"code":20003}');
    expect(await check()).toMatchObject({ ok: false, fault: { code: 'auth_invalid' } });
  });
});
