import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { sha256 } from '../hashing/index.js';
import type { AudienceMember } from '../kit/audience.js';
import type { HttpPlan } from '../kit/http-plan.js';
import type { ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { graphRateLimit } from '../meta-graph/graph-fault.js';
import { canMatch, memberRow } from './member-row.js';
import { MetaAudienceSettings } from './meta.settings.js';
import { usersSpec } from './users.action.js';

const settings = MetaAudienceSettings.parse({ accessToken: 'token' });
const ctx = { settings, nowMs: NOW_MS, idempotency: 'key' } as const;
const spec = usersSpec('POST', 'Add');
const itemOf = (member: Partial<AudienceMember>, n = 0) => ({
  key: `k${n}`,
  input: { audienceId: '23847', ...member },
});
const build = (...members: Partial<AudienceMember>[]): readonly HttpPlan[] =>
  spec.build(members.map(itemOf), ctx);

describe('a row', () => {
  it('holds every field in Meta’s form: people hashed, devices and our own ids as they are', () => {
    const row = memberRow({
      audienceId: '1',
      email: ' John_Smith@gmail.com',
      phone: '(650)555-1212',
      firstName: 'Mary',
      lastName: 'O’Brien',
      gender: 'Female',
      birthDate: '1997-02-16',
      city: 'Menlo Park',
      state: 'California',
      postalCode: '94025-1234',
      country: 'United States',
      mobileAdId: 'CDDA802E-FB9C-47AD-9866-0794D394C912',
      externalId: 'Customer 7',
    });
    expect(Object.fromEntries(row)).toEqual({
      EMAIL: sha256('john_smith@gmail.com'),
      PHONE: sha256('16505551212'),
      FN: sha256('mary'),
      LN: sha256('obrien'),
      FI: sha256('m'),
      GEN: sha256('f'),
      DOBY: sha256('1997'),
      DOBM: sha256('02'),
      DOBD: sha256('16'),
      CT: sha256('menlopark'),
      ST: sha256('ca'),
      ZIP: sha256('94025'),
      COUNTRY: sha256('us'),
      MADID: 'cdda802e-fb9c-47ad-9866-0794d394c912',
      EXTERN_ID: 'Customer 7',
    });
  });

  it('passes on what is hashed already, and tells no part of it', () => {
    const hash = sha256('mary');
    const row = memberRow({ audienceId: '1', firstName: hash, birthDate: hash, email: hash });
    expect(Object.fromEntries(row)).toEqual({ EMAIL: hash, FN: hash });
  });

  it('is left out when there is nothing to find a person by', () => {
    const skip = (member: Partial<AudienceMember>) => spec.skip?.(itemOf(member), ctx);
    expect(skip({ email: 'a@b.example' })).toBeUndefined();
    expect(skip({ firstName: 'Mary', lastName: 'Smith', city: 'Rome' })).toBeUndefined();
    for (const member of [{}, { email: ' ' }, { gender: 'f', country: 'US' }, { phone: '555' }]) {
      expect(skip(member)).toEqual({ status: 'skipped', reason: 'no_address' });
      expect(canMatch(memberRow({ audienceId: '1', ...member }))).toBe(false);
    }
  });
});

describe('a request', () => {
  it('has the columns that anybody fills, and an empty text where one has none', () => {
    const [plan, ...more] = build({ email: 'a@b.example' }, { phone: '+16505551212' });
    expect(more).toEqual([]);
    expect(plan?.body).toEqual({
      kind: 'json',
      value: {
        payload: {
          schema: ['EMAIL', 'PHONE'],
          data: [
            [sha256('a@b.example'), ''],
            ['', sha256('16505551212')],
          ],
        },
      },
    });
  });

  it('is one for each audience', () => {
    const plans = build(
      { audienceId: 'a', externalId: '1' },
      { audienceId: 'b', externalId: '2' },
      { audienceId: 'a', externalId: '3' },
    );
    expect(plans.map((plan) => [plan.url, plan.items])).toEqual([
      ['https://graph.facebook.com/v25.0/a/users', [0, 2]],
      ['https://graph.facebook.com/v25.0/b/users', [1]],
    ]);
  });

  it('never leaves the path of its audience', () => {
    const [plan] = build({ audienceId: '../me?fields=', externalId: '1' });
    expect(plan?.url).toBe('https://graph.facebook.com/v25.0/..%2Fme%3Ffields%3D/users');
  });

  it('holds every member once and rows as wide as its schema', () => {
    const member = fc.record({
      audienceId: fc.constantFrom('a', 'b'),
      email: fc.option(fc.emailAddress(), { nil: undefined }),
      externalId: fc.option(fc.uuid(), { nil: undefined }),
      city: fc.option(fc.string({ maxLength: 10 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(member, { maxLength: 12 }), (members) => {
        const plans = spec.build(
          members.map((input, n) => ({ key: `k${n}`, input })),
          ctx,
        );
        expect(plans.flatMap((plan) => plan.items).sort((a, b) => a - b)).toEqual([
          ...members.keys(),
        ]);
        for (const { body } of plans) {
          const { schema, data } = payloadOf(body);
          expect(data.every((row) => row.length === schema.length)).toBe(true);
        }
      }),
    );
  });
});

const Payload = z.object({
  payload: z.object({ schema: z.array(z.string()), data: z.array(z.array(z.string())) }),
});

function payloadOf(body: HttpPlan['body']): z.infer<typeof Payload>['payload'] {
  return Payload.parse(body.kind === 'json' ? body.value : {}).payload;
}

const taken = (over: object): string =>
  JSON.stringify({ audience_id: '1', session_id: '2', num_received: 2, ...over });
const failed = (message: string): ItemResult => ({
  status: 'failed',
  code: 'item_rejected',
  message,
});
const error = (code: number, subcode?: number, over: object = {}): string =>
  JSON.stringify({
    error: { message: 'x', type: 'OAuthException', code, error_subcode: subcode, ...over },
  });

describe('an answer', () => {
  const items = [itemOf({ email: 'a@b.example' }), itemOf({ email: 'c@d.example' }, 1)];
  const DELIVERED: ItemResult = { status: 'delivered' };
  const LATER: ItemResult = { status: 'retry', code: 'provider_unavailable' };
  const auth = (message: string): ItemResult => ({
    status: 'failed',
    code: 'auth_invalid',
    message,
  });
  const unusable = (message: string): ItemResult => ({
    status: 'failed',
    code: 'audience_unusable',
    message,
  });

  it.each(STATUS_ROWS)('%s', (_name, given, expected) => {
    expect(spec.read(responseOf(given), items, ctx)).toEqual([expected, expected]);
  });

  it.each<[string, object, ItemResult]>([
    ['all taken', { body: taken({ num_invalid_entries: 0 }) }, DELIVERED],
    ['nothing said of invalid ones', { body: taken({}) }, DELIVERED],
    [
      'all invalid under 200',
      { body: taken({ num_invalid_entries: 2 }) },
      failed('HTTP 200, invalid entry'),
    ],
    ['an error under 200', { body: error(100) }, failed('HTTP 200, 100')],
    ['HTML under 200', { body: '<html>' }, LATER],
    ['HTML under 400', { status: 400, body: ' <!doctype html>' }, LATER],
    ['other JSON under 200', { body: '{}' }, LATER],
    [
      'an answer that was cut',
      { body: taken({}), complete: false },
      { status: 'retry', code: 'response_unreadable' },
    ],
    ['token expired', { status: 400, body: error(190, 463) }, auth('HTTP 400, 190, 463')],
    ['no permission', { status: 403, body: error(200) }, auth('HTTP 403, 200')],
    [
      'audience deleted',
      { status: 400, body: error(100, 1_487_366) },
      unusable('HTTP 400, 100, 1487366'),
    ],
    [
      'audience of somebody else',
      { status: 400, body: error(100, 33) },
      unusable('HTTP 400, 100, 33'),
    ],
    [
      'audience blocked',
      { status: 400, body: error(100, 1_713_230) },
      unusable('HTTP 400, 100, 1713230'),
    ],
    ['passing trouble', { status: 400, body: error(2) }, LATER],
    ['trouble said to pass', { status: 400, body: error(368, 1, { is_transient: true }) }, LATER],
    ['a bad parameter', { status: 400, body: error(100) }, failed('HTTP 400, 100')],
    [
      'throttled',
      { status: 400, body: error(80_003) },
      { status: 'retry', code: 'rate_limited', afterMs: 60_000 },
    ],
  ])('%s', (_name, given, expected) => {
    expect(spec.read(responseOf(given), items, ctx)).toEqual([expected, expected]);
  });

  it('blames the row that is shown, and no other', () => {
    const samples = { [JSON.stringify([sha256('c@d.example')])]: 'invalid' };
    const body = taken({ num_invalid_entries: 1, invalid_entry_samples: samples });
    expect(spec.read(responseOf({ body }), items, ctx)).toEqual([
      { status: 'delivered' },
      failed('HTTP 200, invalid entry'),
    ]);
  });

  it('quotes nothing of a body', () => {
    const body = JSON.stringify({ error: { code: 100, message: 'a@b.example is wrong' } });
    const results = spec.read(responseOf({ status: 400, body }), items, ctx);
    expect(JSON.stringify(results)).not.toContain('a@b.example');
  });
});

describe('throttling', () => {
  const wait = (header?: string) =>
    graphRateLimit(
      responseOf({
        status: 400,
        body: error(80_003),
        headers: header === undefined ? {} : { 'x-business-use-case-usage': header },
      }),
    )?.afterMs;

  it('lasts as long as the longest use case needs, an hour at most', () => {
    const usage = (minutes: number) =>
      JSON.stringify({ 7: [{ call_count: 100, estimated_time_to_regain_access: minutes }] });
    expect(wait(usage(5))).toBe(300_000);
    expect(wait(usage(600))).toBe(3_600_000);
    expect(wait(usage(0))).toBe(60_000);
  });

  it('lasts a minute when nothing is said, or nothing that can be read', () => {
    expect(wait()).toBe(60_000);
    expect(wait('not json')).toBe(60_000);
  });

  it.each([4, 17, 32, 613, 80_000, 80_004, 80_014])('is known by %d', (code) => {
    expect(graphRateLimit(responseOf({ status: 400, body: error(code) }))).toBeDefined();
  });

  it.each([1, 100, 190, 79_999, 80_015])('is not meant by %d', (code) => {
    expect(graphRateLimit(responseOf({ status: 400, body: error(code) }))).toBeUndefined();
  });
});
