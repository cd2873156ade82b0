import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DeliveryItem, ItemResult } from '../kit/results.js';
import { responseOf, STATUS_ROWS, type StatusRow } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { ContactInput, groupContacts } from './contact-groups.js';
import { contactsSpec } from './contacts.action.js';
import { HubspotSettings } from './hubspot.settings.js';

const settings = HubspotSettings.parse({ accessToken: 'pat-test' });
const ctx = { settings, nowMs: NOW_MS, idempotency: 'key' } as const;

function item(key: string, input: object): DeliveryItem<ContactInput> {
  return { key, input: ContactInput.parse(input) };
}

const ada = item('e:s:1', { id: 'ada@shop.example' });
const bob = item('e:s:2', { id: 'bob@shop.example' });

describe('building a batch of contacts', () => {
  it('upserts all of them by the identifying property, each with its trace', () => {
    const first = item('e:s:1', {
      id: 'Ada@Shop.example',
      properties: { firstname: 'Ada', orders: 3, vip: true, company: '', nickname: null },
      dates: { date_of_birth: '1990-12-10', joined: '' },
    });
    expect(contactsSpec.build([first, bob], ctx)).toEqual([
      {
        method: 'POST',
        url: 'https://api.hubapi.com/crm/v3/objects/contacts/batch/upsert',
        headers: { authorization: 'Bearer pat-test', accept: 'application/json' },
        body: {
          kind: 'json',
          value: {
            inputs: [
              {
                id: 'Ada@Shop.example',
                idProperty: 'email',
                objectWriteTraceId: 'e:s:1',
                properties: {
                  firstname: 'Ada',
                  orders: '3',
                  vip: 'true',
                  nickname: '',
                  date_of_birth: '660787200000',
                },
              },
              {
                id: 'bob@shop.example',
                idProperty: 'email',
                objectWriteTraceId: 'e:s:2',
                properties: {},
              },
            ],
          },
        },
        items: [0, 1],
      },
    ]);
  });

  it('plans nothing for nobody', () => {
    expect(contactsSpec.build([], ctx)).toEqual([]);
  });

  it('makes one input of several items about one contact; the later word holds', () => {
    const again = item('e:s:3', { id: 'ADA@shop.example', properties: { city: 'Paris', age: 2 } });
    const before = item('e:s:1', {
      id: 'ada@shop.example',
      properties: { city: 'Rome', vip: true },
    });
    const [plan] = contactsSpec.build([before, bob, again], ctx);
    expect(plan?.items).toEqual([0, 1, 2]);
    expect(plan?.body).toMatchObject({
      value: {
        inputs: [
          {
            id: 'ada@shop.example',
            objectWriteTraceId: 'e:s:1',
            properties: { city: 'Paris', vip: 'true', age: '2' },
          },
          { id: 'bob@shop.example' },
        ],
      },
    });
  });

  it('never names a contact twice in a request, and never forgets one', () => {
    const ids = fc.array(fc.constantFrom('a@x.example', 'A@x.example', 'b@x.example', 'c'));
    fc.assert(
      fc.property(ids, fc.constantFrom('email', 'customer_id'), (given, idProperty) => {
        const items = given.map((id, place) => item(`k:${place}`, { id }));
        const groups = groupContacts(items, idProperty);
        const matches = groups.map((group) => group.match);
        const fold = (id: string): string => (idProperty === 'email' ? id.toLowerCase() : id);
        expect(new Set(matches).size).toBe(matches.length);
        expect(new Set(matches)).toEqual(new Set(given.map(fold)));
      }),
    );
  });
});

describe('reading the answer about one contact', () => {
  const done: ItemResult = { status: 'delivered', providerId: '512' };
  const result = { id: '512', properties: { email: 'ada@shop.example' }, new: true };
  const body = JSON.stringify({ status: 'COMPLETE', results: [result] });
  const rejected = (message: string): ItemResult => ({
    status: 'failed',
    code: 'item_rejected',
    message,
  });
  const unreadable: ItemResult = { status: 'retry', code: 'response_unreadable' };
  const limited = (policyName: string): string =>
    JSON.stringify({ errorType: 'RATE_LIMIT', policyName, category: 'RATE_LIMITS' });

  it.each<StatusRow>([
    ['200 with the contact', { body }, done],
    ['201', { status: 201, body }, done],
    [
      '200 with nothing written is no success',
      { body: JSON.stringify({ status: 'COMPLETE', results: [] }) },
      rejected('HTTP 200: not among the results'),
    ],
    [
      '207 with an error that names nobody',
      { status: 207, body: '{"results":[],"errors":[{"category":"VALIDATION_ERROR"}]}' },
      rejected('HTTP 207, VALIDATION_ERROR: not among the results'),
    ],
    ['200 with HTML', { body: '<html></html>' }, unreadable],
    ['200 with truncated JSON', { body: body.slice(0, 30) }, unreadable],
    ['200 that was cut', { body, complete: false }, unreadable],
    ['204', { status: 204 }, unreadable],
    [
      '400 with a category',
      {
        status: 400,
        body: JSON.stringify({
          status: 'error',
          category: 'VALIDATION_ERROR',
          message: 'Email address ada@shop.example is invalid',
        }),
      },
      rejected('HTTP 400, VALIDATION_ERROR'),
    ],
    ['423', { status: 423 }, { status: 'retry', code: 'rate_limited', afterMs: 2_000 }],
    [
      '429 over ten seconds',
      { status: 429, body: limited('TEN_SECONDLY_ROLLING') },
      { status: 'retry', code: 'rate_limited', afterMs: 10_000 },
    ],
    [
      '429 of the day',
      { status: 429, body: limited('DAILY') },
      { status: 'retry', code: 'rate_limited', afterMs: 3_600_000 },
    ],
    [
      '429 whose header says more than its policy',
      { status: 429, headers: { 'retry-after': '5' }, body: limited('DAILY') },
      { status: 'retry', code: 'rate_limited', afterMs: 5_000 },
    ],
    [
      '477 with seconds',
      { status: 477, headers: { 'retry-after': '600' } },
      { status: 'retry', code: 'rate_limited', afterMs: 600_000 },
    ],
    ['477 alone', { status: 477 }, { status: 'retry', code: 'provider_unavailable' }],
    ['502', { status: 502 }, { status: 'retry', code: 'provider_unavailable' }],
    ['504', { status: 504 }, { status: 'retry', code: 'provider_unavailable' }],
    ...STATUS_ROWS,
  ])('%s', (_name, given, expected) => {
    expect(contactsSpec.read(responseOf(given), [ada], ctx)).toEqual([expected]);
  });
});

describe('reading the answer about several contacts', () => {
  const read = (status: number, answer: object): readonly ItemResult[] =>
    contactsSpec.read(responseOf({ status, body: JSON.stringify(answer) }), [ada, bob], ctx);

  it('finds each by its trace, in whatever order HubSpot lists them', () => {
    const results = [
      { id: '2', objectWriteTraceId: 'e:s:2' },
      { id: '1', objectWriteTraceId: 'e:s:1' },
    ];
    expect(read(200, { results })).toEqual([
      { status: 'delivered', providerId: '1' },
      { status: 'delivered', providerId: '2' },
    ]);
  });

  it('finds each by its identifying value where no trace comes back', () => {
    const results = [{ id: '2', properties: { email: 'BOB@shop.example' } }];
    const [first, second] = read(207, { results, errors: [{ category: 'CONFLICT' }] });
    expect(first).toMatchObject({ status: 'failed' });
    expect(second).toEqual({ status: 'delivered', providerId: '2' });
  });

  it.each(['objectWriteTraceId', 'ids'])('fails the one that an error names by %s', (word) => {
    const value = word === 'ids' ? 'bob@shop.example' : 'e:s:2';
    const errors = [{ category: 'VALIDATION_ERROR', context: { [word]: [value] } }];
    const results = [{ id: '1', objectWriteTraceId: 'e:s:1' }];
    expect(read(207, { results, errors })).toEqual([
      { status: 'delivered', providerId: '1' },
      { status: 'failed', code: 'item_rejected', message: 'HTTP 207, VALIDATION_ERROR' },
    ]);
  });

  it('gives every item about one contact the same result', () => {
    const again = item('e:s:3', { id: 'ADA@shop.example' });
    const body = JSON.stringify({ results: [{ id: '1', objectWriteTraceId: 'e:s:1' }] });
    const done = { status: 'delivered', providerId: '1' };
    expect(contactsSpec.read(responseOf({ body }), [ada, again], ctx)).toEqual([done, done]);
  });
});

describe('the input of a contact', () => {
  it.each<[string, object]>([
    ['nobody', { id: ' ' }],
    ['a label for a name', { id: 'a', properties: { 'First Name': 'Ada' } }],
    ['a list as a value', { id: 'a', properties: { tags: ['x'] } }],
    ['a date with a time', { id: 'a', dates: { born: '1990-12-10T00:00:00Z' } }],
    ['a day that is none', { id: 'a', dates: { born: '1990-02-30' } }],
  ])('refuses %s', (_name, input) => {
    expect(ContactInput.safeParse(input).success).toBe(false);
  });
});
