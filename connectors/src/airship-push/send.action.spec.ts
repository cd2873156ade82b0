import { describe, expect, it } from '@jest/globals';
import type { ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS, type StatusRow } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { AirshipSettings } from './airship.settings.js';
import { sendSpec } from './send.action.js';

const settings = AirshipSettings.parse({ appKey: 'app', masterSecret: 'master' });
const ctx = { settings, nowMs: NOW_MS, idempotency: 'none' } as const;
const message = { address: 'customer-1', body: 'On its way' };

function bodyOf(input: object, over: Partial<AirshipSettings> = {}): unknown {
  const [plan] = sendSpec.build([{ key: 'e:s:1', input: { ...message, ...input } }], {
    ...ctx,
    settings: { ...settings, ...over },
  });
  return plan?.body.kind === 'json' ? plan.body.value : undefined;
}

describe('building a push', () => {
  it('makes one request for each message, with keys and the version of the API', () => {
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
      url: 'https://go.urbanairship.com/api/push',
      headers: {
        authorization: `Basic ${Buffer.from('app:master').toString('base64')}`,
        accept: 'application/vnd.urbanairship+json; version=3',
      },
    });
  });

  it('says title, data and deep link where Airship looks for them', () => {
    const input = { title: 'Order', deeplink: 'shop://orders/1', data: { order: '1', note: '' } };
    const each = { title: 'Order', extra: { order: '1' } };
    expect(bodyOf(input)).toEqual({
      audience: { named_user: 'customer-1' },
      device_types: ['ios', 'android'],
      notification: {
        alert: 'On its way',
        actions: { open: { type: 'deep_link', content: 'shop://orders/1' } },
        ios: each,
        android: each,
      },
    });
  });

  it('leaves out what is empty', () => {
    expect(bodyOf({ title: '', deeplink: '', data: {} })).toEqual({
      audience: { named_user: 'customer-1' },
      device_types: ['ios', 'android'],
      notification: { alert: 'On its way' },
    });
  });

  it('addresses one device, other kinds of device and the European site as the settings say', () => {
    const over = { addressedBy: 'channel', deviceTypes: ['web'], site: 'eu' } as const;
    expect(bodyOf({ title: 'Order' }, { ...over, deviceTypes: ['web'] })).toEqual({
      audience: { channel: 'customer-1' },
      device_types: ['web'],
      notification: { alert: 'On its way', web: { title: 'Order' } },
    });
    const [plan] = sendSpec.build([{ key: 'k', input: message }], {
      ...ctx,
      settings: { ...settings, site: 'eu' },
    });
    expect(plan?.url).toBe('https://go.airship.eu/api/push');
  });
});

describe('reading the answer to a push', () => {
  const refusal = (details?: object): string =>
    JSON.stringify({
      ok: false,
      error: 'Could not parse request body.',
      error_code: 40000,
      ...(details === undefined ? {} : { details }),
    });
  const unreadable: ItemResult = { status: 'unknown', code: 'response_unreadable' };
  const accepted = JSON.stringify({ ok: true, operation_id: 'op-1', push_ids: ['push-1'] });

  it.each<StatusRow>([
    [
      '202 with a push id',
      { status: 202, body: accepted },
      { status: 'delivered', providerId: 'push-1' },
    ],
    ['202 without a push id', { status: 202, body: '{"ok":true}' }, { status: 'delivered' }],
    [
      '202 that says no in its body',
      { status: 202, body: refusal() },
      { status: 'failed', code: 'item_rejected', message: 'HTTP 202, 40000' },
    ],
    ['202 without a body', { status: 202 }, unreadable],
    ['202 with HTML', { status: 202, body: '<html></html>' }, unreadable],
    ['202 with truncated JSON', { status: 202, body: accepted.slice(0, 9) }, unreadable],
    ['202 that was cut', { status: 202, body: accepted, complete: false }, unreadable],
    [
      '400 about the text',
      { status: 400, body: refusal({ error: 'too long', path: 'notification.alert' }) },
      { status: 'failed', code: 'item_rejected', message: 'HTTP 400, 40000, notification.alert' },
    ],
    [
      '400 about the channel: the address is dead',
      { status: 400, body: refusal({ error: 'not a channel', path: 'audience.channel' }) },
      {
        status: 'failed',
        code: 'hard_bounce',
        message: 'HTTP 400, 40000, audience.channel',
        permanentAddress: true,
      },
    ],
    [
      '400 about the named user',
      { status: 400, body: refusal({ path: 'audience.named_user' }) },
      {
        status: 'failed',
        code: 'hard_bounce',
        message: 'HTTP 400, 40000, audience.named_user',
        permanentAddress: true,
      },
    ],
    [
      '401 whose body names the audience is about the keys all the same',
      { status: 401, body: refusal({ path: 'audience.channel' }) },
      { status: 'failed', code: 'auth_invalid', message: 'HTTP 401' },
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
  const valid = { appKey: 'app', masterSecret: 'master' };
  it('reach named users on phones in North America, if nothing else is said', () => {
    expect(AirshipSettings.parse(valid)).toEqual({
      ...valid,
      site: 'us',
      addressedBy: 'named_user',
      deviceTypes: ['ios', 'android'],
    });
  });

  it.each<[string, object]>([
    ['a key with a colon, which would become another pair of credentials', { appKey: 'a:b' }],
    ['no secret', { masterSecret: '' }],
    ['another site', { site: 'asia' }],
    ['no device type', { deviceTypes: [] }],
    ['an unknown device type', { deviceTypes: ['fridge'] }],
  ])('refuse %s', (_name, over) => {
    expect(AirshipSettings.safeParse({ ...valid, ...over }).success).toBe(false);
  });
});
