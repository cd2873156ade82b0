import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { sha256 } from '../hashing/index.js';
import type { AudienceMember } from '../kit/audience.js';
import type { HttpPlan, HttpResponse } from '../kit/http-plan.js';
import type { ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { snapGrant, SnapSettings } from './snap.settings.js';
import { usersSpec } from './users.action.js';

const settings = SnapSettings.parse({ clientId: 'i', clientSecret: 's', refreshToken: 'r' });
const ctx = { settings, nowMs: NOW_MS, idempotency: 'key' } as const;
const spec = usersSpec('POST', 'Add');
const itemOf = (member: Partial<AudienceMember>, n = 0) => ({
  key: `k${n}`,
  input: { audienceId: '5677', ...member },
});
const build = (...members: Partial<AudienceMember>[]): readonly HttpPlan[] =>
  spec.build(members.map(itemOf), ctx);

const Users = z.object({
  users: z
    .array(z.object({ schema: z.array(z.string()), data: z.array(z.array(z.string())) }))
    .length(1),
});

function usersIn({ body }: HttpPlan): { schema: readonly string[]; values: readonly string[] } {
  const [users] = Users.parse(body.kind === 'json' ? body.value : {}).users;
  return { schema: users?.schema ?? [], values: users?.data.flat() ?? [] };
}

describe('a request', () => {
  it('holds one kind of identifier, so that a member may be in three', () => {
    const mobileAdId = 'CDDA802E-FB9C-47AD-9866-0794D394C912';
    const plans = build({ email: 'Person@example.com', phone: '+44 844 412 4653', mobileAdId });
    expect(plans.map(usersIn)).toEqual([
      { schema: ['EMAIL_SHA256'], values: [sha256('person@example.com')] },
      { schema: ['PHONE_SHA256'], values: [sha256('448444124653')] },
      { schema: ['MOBILE_AD_ID_SHA256'], values: [sha256(mobileAdId.toLowerCase())] },
    ]);
    expect(plans.map((plan) => plan.items)).toEqual([[0], [0], [0]]);
    expect(new Set(plans.map((plan) => plan.url))).toEqual(
      new Set(['https://adsapi.snapchat.com/v1/segments/5677/users']),
    );
  });

  it('holds a value once and answers for everybody who has it', () => {
    const [plan] = build({ email: 'a@b.example' }, { email: 'A@B.example ' });
    expect(plan === undefined ? undefined : usersIn(plan).values).toEqual([sha256('a@b.example')]);
    expect(plan?.items).toEqual([0, 1]);
  });

  it('removes as it adds', () => {
    const [plan] = usersSpec('DELETE', 'Remove').build([itemOf({ email: 'a@b.example' })], ctx);
    expect(plan).toMatchObject({
      method: 'DELETE',
      body: build({ email: 'a@b.example' })[0]?.body,
    });
  });

  it('never mixes audiences or kinds, never doubles a value, never forgets a member', () => {
    const member = fc.record({
      audienceId: fc.constantFrom('a', 'b'),
      email: fc.constantFrom(undefined, 'a@b.example', 'c@d.example'),
      phone: fc.constantFrom(undefined, '+4915112345678', 'nonsense'),
    });
    fc.assert(
      fc.property(fc.array(member, { maxLength: 12 }), (members) => {
        const items = members.map((input, n) => ({ key: `k${n}`, input }));
        const plans = spec.build(items, ctx);
        for (const plan of plans) {
          const { schema, values } = usersIn(plan);
          expect(schema).toHaveLength(1);
          expect(new Set(values).size).toBe(values.length);
        }
        const reached = new Set(plans.flatMap((plan) => plan.items));
        items.forEach((item, place) => {
          expect(reached.has(place)).toBe(spec.skip?.(item, ctx) === undefined);
        });
      }),
    );
  });

  it('leaves out whom Snap cannot find', () => {
    for (const member of [{}, { phone: '555' }, { externalId: 'c', firstName: 'Ada' }]) {
      expect(spec.skip?.(itemOf(member), ctx)).toEqual({ status: 'skipped', reason: 'no_address' });
    }
  });
});

const answerOf = (request: string, ...users: string[]): string =>
  JSON.stringify({
    request_status: request,
    request_id: 'r',
    users: users.map((status) => ({ sub_request_status: status, user: {} })),
  });

describe('an answer', () => {
  const LATER: ItemResult = { status: 'retry', code: 'provider_unavailable' };
  const rejected: ItemResult = {
    status: 'failed',
    code: 'item_rejected',
    message: 'HTTP 200, ERROR',
  };
  const read = (over: Partial<HttpResponse>): readonly ItemResult[] =>
    spec.read(responseOf(over), [itemOf({ email: 'a@b.example' })], ctx);

  it.each(STATUS_ROWS)('%s', (_name, given, expected) => {
    expect(read(given)).toEqual([expected]);
  });

  it.each<[string, Partial<HttpResponse>, ItemResult]>([
    ['taken', { body: answerOf('SUCCESS', 'SUCCESS') }, { status: 'delivered' }],
    ['taken, in small letters', { body: answerOf('success') }, { status: 'delivered' }],
    ['refused under 200', { body: answerOf('ERROR') }, rejected],
    ['its part refused under 200', { body: answerOf('SUCCESS', 'ERROR') }, rejected],
    ['HTML under 200', { body: '<html>' }, LATER],
    ['other JSON under 200', { body: '{}' }, LATER],
    [
      'an answer that was cut',
      { body: answerOf('SUCCESS'), complete: false },
      { status: 'retry', code: 'response_unreadable' },
    ],
  ])('%s', (_name, given, expected) => {
    expect(read(given)).toEqual([expected]);
  });
});

describe('settings', () => {
  it('ask Snap for tokens, or the stand-in', () => {
    expect(snapGrant(settings).tokenUrl).toBe(
      'https://accounts.snapchat.com/login/oauth2/access_token',
    );
    expect(snapGrant({ ...settings, baseUrl: 'http://127.0.0.1:1' }).tokenUrl).toBe(
      'http://127.0.0.1:1/login/oauth2/access_token',
    );
  });
});
