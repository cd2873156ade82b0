import { describe, expect, it } from '@jest/globals';
import type { ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS, type StatusRow } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { BatchSettings } from './batch.settings.js';
import { sendSpec } from './send.action.js';

const settings = BatchSettings.parse({ restApiKey: 'rest', apiKey: 'APP-1' });
const ctx = { settings, nowMs: NOW_MS, idempotency: 'none' } as const;
const message = { address: 'customer-1', body: 'On its way' };

function bodyOf(input: object, over: Partial<BatchSettings> = {}): unknown {
  const [plan] = sendSpec.build([{ key: 'e:s:1', input: { ...message, ...input } }], {
    ...ctx,
    settings: { ...settings, ...over },
  });
  return plan?.body.kind === 'json' ? plan.body.value : undefined;
}

describe('building a push', () => {
  it('makes one request for each message, with the app in the path and the company in a header', () => {
    const plans = sendSpec.build(
      [
        { key: 'e:s:1', input: message },
        { key: 'e:s:2', input: message },
      ],
      ctx,
    );
    expect(plans.map((plan) => plan.items)).toEqual([[0], [1]]);
    expect(plans[0]).toMatchObject({
      method: 'POST',
      url: 'https://api.batch.com/1.1/APP-1/transactional/send',
      headers: { 'x-authorization': 'rest' },
    });
  });

  it('says everything in the words of Batch', () => {
    const input = { title: 'Order', deeplink: 'shop://orders/1', data: { order: '1', note: '' } };
    expect(bodyOf(input, { groupId: 'orders' })).toEqual({
      group_id: 'orders',
      recipients: { custom_ids: ['customer-1'] },
      message: { title: 'Order', body: 'On its way' },
      deeplink: 'shop://orders/1',
      custom_payload: '{"order":"1"}',
    });
  });

  it('leaves out what is empty', () => {
    expect(bodyOf({ title: '', deeplink: '', data: {} })).toEqual({
      group_id: 'throughline',
      recipients: { custom_ids: ['customer-1'] },
      message: { body: 'On its way' },
    });
  });

  it.each([
    ['custom_id', 'custom_ids'],
    ['token', 'tokens'],
    ['install_id', 'install_ids'],
  ] as const)('puts an address that is a %s under %s', (addressedBy, word) => {
    expect(bodyOf({}, { addressedBy })).toMatchObject({ recipients: { [word]: ['customer-1'] } });
  });
});

describe('reading the answer to a push', () => {
  const accepted = JSON.stringify({ token: 'b1946ac92492d2347c6235b4d2611184' });
  const delivered: ItemResult = {
    status: 'delivered',
    providerId: 'b1946ac92492d2347c6235b4d2611184',
  };
  const unreadable: ItemResult = { status: 'unknown', code: 'response_unreadable' };
  const refusal = JSON.stringify({ code: 32, message: 'about customer-1' });

  it.each<StatusRow>([
    ['200 with a token', { body: accepted }, delivered],
    ['201 with a token', { status: 201, body: accepted }, delivered],
    [
      '200 with an error in its body',
      { body: refusal },
      { status: 'failed', code: 'item_rejected', message: 'HTTP 200, 32' },
    ],
    ['201 without a body', { status: 201 }, unreadable],
    ['200 with an empty token', { body: '{"token":""}' }, unreadable],
    ['200 with HTML', { body: '<html></html>' }, unreadable],
    ['200 with truncated JSON', { body: accepted.slice(0, 12) }, unreadable],
    ['200 that was cut', { body: accepted, complete: false }, unreadable],
    [
      '400 with a code: the number, never the words',
      { status: 400, body: refusal },
      { status: 'failed', code: 'item_rejected', message: 'HTTP 400, 32' },
    ],
    [
      '401 with a code',
      { status: 401, body: '{"code":10,"message":"no"}' },
      { status: 'failed', code: 'auth_invalid', message: 'HTTP 401, 10' },
    ],
    [
      '502, when it may have gone out',
      { status: 502 },
      { status: 'unknown', code: 'outcome_unknown' },
    ],
    ['504', { status: 504 }, { status: 'unknown', code: 'outcome_unknown' }],
    ...STATUS_ROWS,
  ])('%s', (_name, given, expected) => {
    const items = [{ key: 'e:s:1', input: message }];
    expect(sendSpec.read(responseOf(given), items, ctx)).toEqual([expected]);
  });
});

describe('settings', () => {
  const valid = { restApiKey: 'rest', apiKey: 'APP-1' };
  it('address people by your own ids under a group of ours, if nothing else is said', () => {
    expect(BatchSettings.parse(valid)).toEqual({
      ...valid,
      addressedBy: 'custom_id',
      groupId: 'throughline',
    });
  });

  it.each<[string, object]>([
    ['an app key that would leave its place in the path', { apiKey: '../x' }],
    ['no company key', { restApiKey: '' }],
    ['a group with spaces', { groupId: 'my group' }],
    ['another kind of address', { addressedBy: 'email' }],
  ])('refuse %s', (_name, over) => {
    expect(BatchSettings.safeParse({ ...valid, ...over }).success).toBe(false);
  });
});
