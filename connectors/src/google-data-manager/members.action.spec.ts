import { describe, expect, it } from '@jest/globals';
import { sha256 } from '../hashing/index.js';
import type { AudienceMember } from '../kit/audience.js';
import type { HttpPlan, HttpResponse } from '../kit/http-plan.js';
import type { ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { googleRateLimit } from './google-fault.js';
import { googleGrant, GoogleSettings } from './google.settings.js';
import { googleConsent, googleMember } from './member.js';
import { membersSpec } from './members.action.js';

const VALID = {
  clientId: 'id',
  clientSecret: 'secret',
  refreshToken: 'refresh',
  accountId: '123-456-7890',
  customerMatchTerms: 'accepted',
};
const settings = GoogleSettings.parse(VALID);
const ctx = { settings, nowMs: NOW_MS, idempotency: 'key' } as const;
const spec = membersSpec('ingest', 'Add');
const itemOf = (member: Partial<AudienceMember>, n = 0) => ({
  key: `k${n}`,
  input: { audienceId: '987', ...member },
});
const build = (...members: Partial<AudienceMember>[]): readonly HttpPlan[] =>
  spec.build(members.map(itemOf), ctx);

describe('a member', () => {
  const address = {
    firstName: ' Mr. Alex',
    lastName: 'Quinn, jr.',
    country: 'usa',
    postalCode: '94045 ',
  };

  it('goes by contact data: addresses hashed, places not', () => {
    expect(
      googleMember({
        audienceId: '1',
        email: 'Cloudy.SanFrancisco+shopping@gmail.com',
        phone: '(800) 555-0100',
        externalId: 'never with contact data',
        ...address,
      }),
    ).toEqual({
      kind: 'userData',
      value: {
        userIdentifiers: [
          { emailAddress: sha256('cloudysanfrancisco@gmail.com') },
          { phoneNumber: sha256('+18005550100') },
          {
            address: {
              givenName: sha256('alex'),
              familyName: sha256('quinn'),
              regionCode: 'US',
              postalCode: '94045',
            },
          },
        ],
      },
    });
  });

  it.each(['firstName', 'lastName', 'country', 'postalCode'] as const)(
    'has no address at all without its %s',
    (part) => {
      expect(googleMember({ audienceId: '1', ...address, [part]: undefined })).toBeUndefined();
    },
  );

  it('goes by a device or by an id of ours when there is no contact data', () => {
    const mobileAdId = 'CDDA802E-FB9C-47AD-9866-0794D394C912';
    expect(googleMember({ audienceId: '1', mobileAdId, externalId: 'c' })).toEqual({
      kind: 'mobileData',
      value: { mobileIds: [mobileAdId.toLowerCase()] },
    });
    expect(googleMember({ audienceId: '1', externalId: ' c-7 ' })).toEqual({
      kind: 'userIdData',
      value: { userId: 'c-7' },
    });
  });

  it('is left out when nobody could be found by it', () => {
    for (const member of [{}, { email: 'x' }, { externalId: ' ' }, { city: 'Rome' }]) {
      expect(spec.skip?.(itemOf(member), ctx)).toEqual({ status: 'skipped', reason: 'no_address' });
    }
    expect(spec.skip?.(itemOf({ email: 'a@b.example' }), ctx)).toBeUndefined();
  });

  it('has granted what somebody has said, and nothing else', () => {
    const both = (status: string) => ({ adUserData: status, adPersonalization: status });
    expect(googleConsent({ audienceId: '1', consent: 'granted' })).toEqual(both('CONSENT_GRANTED'));
    for (const consent of ['unknown', undefined] as const) {
      expect(googleConsent({ audienceId: '1', consent })).toEqual(
        both('CONSENT_STATUS_UNSPECIFIED'),
      );
    }
  });
});

describe('a request', () => {
  it('is one for each audience and kind of member', () => {
    const plans = build(
      { email: 'a@b.example' },
      { externalId: 'c' },
      { email: 'd@e.example' },
      { audienceId: 'other', email: 'a@b.example' },
    );
    expect(plans.map((plan) => plan.items)).toEqual([[0, 2], [1], [3]]);
  });

  it('removes without consent and terms', () => {
    const [plan] = membersSpec('remove', 'Remove').build([itemOf({ externalId: 'c' })], ctx);
    expect(plan).toEqual({
      method: 'POST',
      url: 'https://datamanager.googleapis.com/v1/audienceMembers:remove',
      headers: {},
      body: {
        kind: 'json',
        value: {
          destinations: [
            {
              operatingAccount: { accountType: 'GOOGLE_ADS', accountId: '1234567890' },
              productDestinationId: '987',
            },
          ],
          audienceMembers: [{ userIdData: { userId: 'c' } }],
          encoding: 'HEX',
        },
      },
      items: [0],
    });
  });

  it('goes through the manager account when there is one', () => {
    const managed = GoogleSettings.parse({ ...VALID, loginAccountId: '111-222-3333' });
    const [plan] = spec.build([itemOf({ externalId: 'c' })], { ...ctx, settings: managed });
    expect(JSON.stringify(plan?.body)).toContain(
      '"loginAccount":{"accountType":"GOOGLE_ADS","accountId":"1112223333"}',
    );
  });
});

const refusal = (
  violations: readonly object[],
  status = 'INVALID_ARGUMENT',
): Partial<HttpResponse> => ({
  status: 400,
  body: JSON.stringify({
    error: {
      code: 400,
      status,
      message: 'There was a problem with a@b.example',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'INVALID_ARGUMENT' },
        { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations },
      ],
    },
  }),
});

describe('an answer', () => {
  const items = [itemOf({ email: 'a@b.example' }), itemOf({ email: 'c@d.example' }, 1)];
  const read = (over: Partial<HttpResponse>): readonly ItemResult[] =>
    spec.read(responseOf(over), items, ctx);

  it.each(STATUS_ROWS)('%s', (_name, given, expected) => {
    expect(read(given)).toEqual([expected, expected]);
  });

  it('is a request id: Google works it off later', () => {
    const delivered = { status: 'delivered', providerId: 'r-1' };
    expect(read({ body: '{"requestId":"r-1"}' })).toEqual([delivered, delivered]);
  });

  it.each<[string, Partial<HttpResponse>, ItemResult]>([
    ['HTML under 200', { body: '<html>' }, { status: 'retry', code: 'provider_unavailable' }],
    ['nothing of it under 200', { body: '{}' }, { status: 'retry', code: 'provider_unavailable' }],
    [
      'an answer that was cut',
      { body: '{"requestId":"r"}', complete: false },
      { status: 'retry', code: 'response_unreadable' },
    ],
    [
      '409 ABORTED, for good',
      { status: 409, body: '{"error":{"status":"ABORTED"}}' },
      { status: 'failed', code: 'item_rejected', message: 'HTTP 409, ABORTED' },
    ],
    [
      'nobody named',
      refusal([]),
      { status: 'failed', code: 'item_rejected', message: 'HTTP 400, INVALID_ARGUMENT' },
    ],
    [
      'the audience named',
      refusal([{ field: 'destinations[0].product_destination_id', reason: 'INVALID_DESTINATION' }]),
      {
        status: 'failed',
        code: 'audience_unusable',
        message: 'HTTP 400, INVALID_ARGUMENT, INVALID_DESTINATION',
      },
    ],
  ])('%s', (_name, given, expected) => {
    const [first] = read(given);
    expect(first).toMatchObject(expected);
  });

  it.each(['audience_members[1].user_data.user_identifiers[0]', 'audienceMembers[1].userData'])(
    'fails the member that is named (%s) and lets the others go again without it',
    (field) => {
      expect(read(refusal([{ field, reason: 'INVALID_HEX_ENCODING' }]))).toEqual([
        { status: 'retry', code: 'temporarily_refused' },
        {
          status: 'failed',
          code: 'item_rejected',
          message: 'HTTP 400, INVALID_HEX_ENCODING',
        },
      ]);
    },
  );

  it('quotes nothing of a body', () => {
    expect(JSON.stringify(read(refusal([])))).not.toContain('a@b.example');
  });
});

describe('a quota', () => {
  const wait = (retryDelay: string, status = 429) =>
    googleRateLimit(
      responseOf({ status, body: JSON.stringify({ error: { details: [{ retryDelay }] } }) }),
    )?.afterMs;

  it('says in seconds how long it lasts, within bounds', () => {
    expect(wait('12s')).toBe(12_000);
    expect(wait('1.5s', 503)).toBe(1_500);
    expect(wait('0s')).toBe(1_000);
    expect(wait('86400s')).toBe(3_600_000);
  });

  it('is left to the status where nothing is said', () => {
    expect(wait('soon')).toBeUndefined();
    expect(wait('12s', 400)).toBeUndefined();
    expect(googleRateLimit(responseOf({ status: 429, body: '<html>' }))).toBeUndefined();
  });
});

describe('settings', () => {
  it.each<[string, object]>([
    ['terms that nobody has accepted', { customerMatchTerms: 'no' }],
    ['an account that is none', { accountId: 'my shop' }],
    ['no refresh token', { refreshToken: '' }],
    ['another product', { accountType: 'ANALYTICS' }],
  ])('refuse %s', (_name, over) => {
    expect(GoogleSettings.safeParse({ ...VALID, ...over }).success).toBe(false);
  });

  it('ask Google for tokens, or the stand-in', () => {
    expect(googleGrant(settings).tokenUrl).toBe('https://oauth2.googleapis.com/token');
    const standIn = GoogleSettings.parse({ ...VALID, baseUrl: 'https://stand-in.example/g/' });
    expect(googleGrant(standIn).tokenUrl).toBe('https://stand-in.example/g/token');
  });
});
