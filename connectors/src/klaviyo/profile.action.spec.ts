import { describe, expect, it } from '@jest/globals';
import type { ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS, type StatusRow } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { KlaviyoSettings } from './klaviyo.settings.js';
import { ProfileInput, profileSpec } from './profile.action.js';

const settings = KlaviyoSettings.parse({ apiKey: 'pk_test' });
const ctx = { settings, nowMs: NOW_MS, idempotency: 'key' } as const;
const email = 'sarah.mason@klaviyo-demo.com';

function attributesOf(input: ProfileInput): unknown {
  const [plan] = profileSpec.build([{ key: 'e:s:1', input }], ctx);
  return plan?.body;
}

describe('building a profile', () => {
  it('asks for the import of one profile with the key and a fixed revision', () => {
    const [plan, second] = profileSpec.build(
      [
        { key: 'e:s:1', input: { email } },
        { key: 'e:s:2', input: { phone: '+15005550006' } },
      ],
      ctx,
    );
    expect(plan).toEqual({
      method: 'POST',
      url: 'https://a.klaviyo.com/api/profile-import',
      headers: {
        authorization: 'Klaviyo-API-Key pk_test',
        revision: '2026-04-15',
        accept: 'application/vnd.api+json',
        'content-type': 'application/vnd.api+json',
      },
      body: { kind: 'json', value: { data: { type: 'profile', attributes: { email } } } },
      items: [0],
    });
    expect(second?.items).toEqual([1]);
  });

  it('uses the words of Klaviyo and leaves out what is empty', () => {
    const input = ProfileInput.parse({
      email: '',
      externalId: 'c-1',
      firstName: 'Sarah',
      lastName: '',
      city: 'Boston',
      country: '',
      timezone: 'America/New_York',
      properties: { tier: 'gold', orders: 0, note: null },
    });
    const attributes = {
      external_id: 'c-1',
      first_name: 'Sarah',
      location: { city: 'Boston', timezone: 'America/New_York' },
      properties: { tier: 'gold', orders: 0, note: null },
    };
    expect(attributesOf(input)).toEqual({
      kind: 'json',
      value: { data: { type: 'profile', attributes } },
    });
  });

  it('goes to another host when the connection names one', () => {
    const regional = { ...settings, baseUrl: 'https://eu.example/' };
    const [plan] = profileSpec.build([{ key: 'k', input: { email } }], {
      ...ctx,
      settings: regional,
    });
    expect(plan?.url).toBe('https://eu.example/api/profile-import');
  });
});

describe('reading the answer to a profile', () => {
  const done: ItemResult = { status: 'delivered', providerId: '01GDDKASAP8TKDDA2GRZDSVP4H' };
  const unreadable: ItemResult = { status: 'retry', code: 'response_unreadable' };
  const body = JSON.stringify({ data: { type: 'profile', id: '01GDDKASAP8TKDDA2GRZDSVP4H' } });
  const refusal = JSON.stringify({
    errors: [
      {
        id: '1',
        code: 'invalid',
        title: 'Invalid input.',
        detail: `The phone number of ${email} is not valid.`,
        source: { pointer: '/data/attributes/phone_number' },
      },
    ],
  });

  it.each<StatusRow>([
    ['200 with the profile', { body }, done],
    ['201 with the profile', { status: 201, body }, done],
    ['200 without a body', {}, unreadable],
    ['200 with HTML', { body: '<html>login</html>' }, unreadable],
    ['200 with truncated JSON', { body: body.slice(0, 20) }, unreadable],
    ['200 that was cut', { body, complete: false }, unreadable],
    ['200 with something else', { body: '{"data":[]}' }, unreadable],
    [
      '400 with errors: the code and the place, never the detail',
      { status: 400, body: refusal },
      {
        status: 'failed',
        code: 'item_rejected',
        message: 'HTTP 400, invalid, /data/attributes/phone_number',
      },
    ],
    [
      '409 with errors',
      { status: 409, body: JSON.stringify({ errors: [{ code: 'duplicate_profile' }] }) },
      { status: 'failed', code: 'item_rejected', message: 'HTTP 409, duplicate_profile' },
    ],
    ['502', { status: 502 }, { status: 'retry', code: 'provider_unavailable' }],
    ['504', { status: 504 }, { status: 'retry', code: 'provider_unavailable' }],
    ...STATUS_ROWS,
  ])('%s', (_name, given, expected) => {
    const items = [{ key: 'e:s:1', input: { email } }];
    expect(profileSpec.read(responseOf(given), items, ctx)).toEqual([expected]);
  });
});

describe('the input of a profile', () => {
  it.each<[string, object]>([
    ['nobody', { firstName: 'Sarah' }],
    ['only empty identifiers', { email: '', phone: '', externalId: '' }],
    ['a national number', { phone: '0151 12345678' }],
    ['a number with spaces', { phone: '+49 151 12345678' }],
    ['something that is no address', { email: 'sarah' }],
    ['properties that are no JSON', { email, properties: { at: new Date(0) } }],
  ])('refuses %s', (_name, input) => {
    expect(ProfileInput.safeParse(input).success).toBe(false);
  });
});
