import { describe, expect, it } from '@jest/globals';
import type { ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS, type StatusRow } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { sendSpec } from './send.action.js';
import { TextInput, TwilioSettings } from './twilio.settings.js';

const base = { accountSid: `AC${'a'.repeat(32)}`, authToken: 'token-token-token' };
const settings = TwilioSettings.parse({ ...base, from: '+15005550006' });
const ctx = { settings, nowMs: NOW_MS, idempotency: 'none' } as const;
const item = { key: 'e:s:1', input: { to: '+14155550100', text: 'Hello' } };

describe('building a text message', () => {
  it('makes one request for each message, by the number of the connection', () => {
    const plans = sendSpec.build([item, { ...item, key: 'e:s:2' }], ctx);
    expect(plans.map((plan) => plan.items)).toEqual([[0], [1]]);
    expect(plans[0]).toMatchObject({
      method: 'POST',
      url: `https://api.twilio.com/2010-04-01/Accounts/${base.accountSid}/Messages.json`,
      body: {
        kind: 'form',
        fields: { To: '+14155550100', From: '+15005550006', Body: 'Hello' },
      },
    });
  });

  it('sends by a messaging service instead, and elsewhere, as the settings say', () => {
    const messagingServiceSid = `MG${'b'.repeat(32)}`;
    const over = TwilioSettings.parse({
      ...base,
      messagingServiceSid,
      baseUrl: 'https://eu.example/twilio/',
    });
    const [plan] = sendSpec.build([item], { ...ctx, settings: over });
    expect(plan?.url).toMatch(/^https:\/\/eu\.example\/twilio\/2010-04-01\/Accounts\//);
    expect(plan?.body).toEqual({
      kind: 'form',
      fields: { To: '+14155550100', MessagingServiceSid: messagingServiceSid, Body: 'Hello' },
    });
  });
});

describe('settings and inputs', () => {
  it.each<[string, object]>([
    ['no sender', {}],
    ['two senders', { from: '+15005550006', messagingServiceSid: `MG${'b'.repeat(32)}` }],
    ['another kind of account', { accountSid: 'SK1', from: '+15005550006' }],
    ['a sender name that is too long', { from: 'a sender name' }],
  ])('settings with %s are refused', (_name, over) => {
    expect(TwilioSettings.safeParse({ ...base, ...over }).success).toBe(false);
  });

  it.each(['+15005550006', '12345', 'Shop 24'])('%s may be a sender', (from) => {
    expect(TwilioSettings.safeParse({ ...base, from }).success).toBe(true);
  });

  it.each(['4155550100', '+0155', '+49 170 1', 'ada@example.com'])('%s is no number', (to) => {
    expect(TextInput.safeParse({ to, text: 'x' }).success).toBe(false);
  });

  it.each(['', '  ', 'x'.repeat(1_601)])('a text that Twilio would refuse is refused', (text) => {
    expect(TextInput.safeParse({ to: '+14155550100', text }).success).toBe(false);
  });
});

describe('reading the answer', () => {
  const refusal = (code: number): string =>
    JSON.stringify({ code, message: "The 'To' number +14155550100 is bad", status: 400 });
  const failed = (
    status: number,
    code: number,
    of: Partial<Extract<ItemResult, { status: 'failed' }>>,
  ): StatusRow => [
    `${status} with ${code}`,
    { status, body: refusal(code) },
    { status: 'failed', code: 'item_rejected', message: `HTTP ${status}, ${code}`, ...of },
  ];
  const dead = { code: 'hard_bounce', permanentAddress: true } as const;
  const unreadable: ItemResult = { status: 'unknown', code: 'response_unreadable' };

  it.each<StatusRow>([
    [
      '201',
      { status: 201, body: '{"sid":"SM1","status":"queued","error_code":null}' },
      { status: 'delivered', providerId: 'SM1' },
    ],
    [
      '201 that failed at once',
      { status: 201, body: '{"sid":"SM1","status":"failed","error_code":30006}' },
      { status: 'failed', message: 'HTTP 201, 30006', code: 'hard_bounce', permanentAddress: true },
    ],
    [
      '201 with a code that nobody knows',
      { status: 201, body: '{"sid":"SM1","error_code":99}' },
      { status: 'failed', message: 'HTTP 201, 99', code: 'item_rejected' },
    ],
    ['201 without a body', { status: 201 }, unreadable],
    ['201 with HTML', { status: 201, body: '<html></html>' }, unreadable],
    ['201 that was cut', { status: 201, body: '{"sid":"SM1"}', complete: false }, unreadable],
    failed(400, 21211, dead),
    failed(400, 21610, dead),
    failed(400, 21614, dead),
    failed(400, 21606, { code: 'sender_refused' }),
    failed(400, 21617, { code: 'message_refused' }),
    failed(400, 21408, {}),
    failed(401, 20003, { code: 'auth_invalid' }),
    [
      '400 with a full queue',
      { status: 400, body: refusal(21611) },
      { status: 'retry', code: 'temporarily_refused' },
    ],
    [
      '429 with 20429',
      { status: 429, body: refusal(20429) },
      { status: 'retry', code: 'rate_limited' },
    ],
    ['502', { status: 502 }, { status: 'unknown', code: 'outcome_unknown' }],
    ...STATUS_ROWS,
  ])('%s', (_name, given, expected) => {
    expect(sendSpec.read(responseOf(given), [item], ctx)).toEqual([expected]);
  });
});
