import { describe, expect, it } from '@jest/globals';
import { parseEvent, readBody } from '../ingestion/index.js';
import { isJsonObject, type Json, type JsonObject } from '../shared/index.js';
import { applyMapping } from './apply-mapping.js';
import { STARTER_CATALOGUE } from './starter-catalogue.js';
import { CONTEXT, CUSTOMERS, ORDERS } from './testing/rows.js';
import type { MappedRow, Mapping } from './types.js';

function onlyEvent(mapped: MappedRow): JsonObject {
  expect(mapped.rejection).toBeNull();
  expect(mapped.events).toHaveLength(1);
  return mapped.events[0] ?? {};
}

/** What the lane makes of the bodies: none of them may end in quarantine. */
function parsed(mapped: MappedRow) {
  const body = readBody('batch', JSON.stringify({ batch: mapped.events }));
  if ('code' in body) throw new Error(body.detail);
  return body.events.map((raw) =>
    parseEvent(raw, {
      ref: { position: 1, ordinal: raw.ordinal, clock: CONTEXT.importedAt },
      sourceKey: 'till',
      endpoint: 'batch',
      receivedAt: CONTEXT.importedAt,
      sentAt: undefined,
      hop: 0,
    }),
  );
}

describe('a row of customers', () => {
  const row = {
    Nr: '00815',
    'E-Mail': ' Ada@Example.COM',
    Telefon: '030 123456',
    Vorname: 'ADA',
    Ort: ' Berlin ',
    Land: 'Deutschland',
    Geburtstag: '10.12.1815',
    Bemerkung: 'not mapped',
  };

  it('becomes an identify with every value in the form of its attribute', () => {
    expect(onlyEvent(applyMapping(CUSTOMERS, row, CONTEXT))).toEqual({
      type: 'identify',
      messageId: expect.stringMatching(/^import-[0-9a-f]{32}$/),
      timestamp: '2026-03-01T00:00:00.000Z',
      traits: {
        email: 'ada@example.com',
        phone: '+4930123456',
        firstName: 'Ada',
        address: { city: 'Berlin', country: 'DE' },
        birthday: '1815-12-10',
      },
      context: {
        externalIds: [{ id: '00815', type: 'crm_id', collection: 'users', encoding: 'none' }],
      },
    });
  });

  it('names the same person to the lane by each identifier', () => {
    const [event] = parsed(applyMapping(CUSTOMERS, row, CONTEXT));
    expect(event).toMatchObject({
      identifiers: [
        { type: 'email', value: 'ada@example.com' },
        { type: 'phone', value: '+4930123456' },
        { type: 'crm_id', value: '00815' },
      ],
    });
  });

  it('says nothing about what is blank, so that an empty cell unsets no trait', () => {
    const event = onlyEvent(
      applyMapping(CUSTOMERS, { Nr: '1', Ort: '  ', Vorname: null }, CONTEXT),
    );
    expect(event['traits']).toEqual({});
  });

  it('leaves out or keeps what does not fit, as the level says, and warns', () => {
    const odd = { ...row, 'E-Mail': 'ada(at)example.com', Land: 'Atlantis' };
    const mapped = applyMapping(CUSTOMERS, odd, CONTEXT);
    expect(mapped.warnings).toEqual([
      { code: 'invalid_email', field: 'email', detail: 'as written', action: 'omitted' },
      { code: 'invalid_country', field: 'country', detail: 'as written', action: 'kept' },
    ]);
    const traits = onlyEvent(mapped)['traits'];
    expect(traits).toMatchObject({ address: { country: 'Atlantis' } });
    expect(traits).not.toHaveProperty('email');
  });

  it('keeps it without a word where it is allowed', () => {
    const fields = [
      { to: 'crm_id', from: { path: 'Nr' } },
      { to: 'age', from: { path: 'Alter' }, level: 'allow' as const },
    ];
    const mapped = applyMapping({ ...CUSTOMERS, fields }, { Nr: '1', Alter: 'alt' }, CONTEXT);
    expect(mapped.warnings).toEqual([]);
    expect(onlyEvent(mapped)['traits']).toEqual({ age: 'alt' });
  });

  it('is rejected for the first field that does not fit, by name', () => {
    expect(applyMapping(CUSTOMERS, { ...row, Geburtstag: '1815-12-10' }, CONTEXT)).toEqual({
      events: [],
      warnings: [],
      rejection: { code: 'not_a_date', field: 'birthday', detail: 'not as dd.mm.yyyy says' },
    });
  });

  it('is rejected where it says nothing about who it is, with the warnings that tell why', () => {
    const mapped = applyMapping(CUSTOMERS, { 'E-Mail': 'nobody', Ort: 'Berlin' }, CONTEXT);
    expect(mapped.events).toEqual([]);
    expect(mapped.rejection?.code).toBe('missing_identity');
    expect(mapped.warnings.map(({ field }) => field)).toEqual(['email']);
  });

  it('has a second e-mail among its other identifiers', () => {
    const second = {
      key: 'work_email',
      label: 'Work e-mail',
      type: 'email',
      role: { kind: 'identifier', identifier: 'email' },
      sensitivity: 'personal',
    } as const;
    const context = { ...CONTEXT, catalogue: [...STARTER_CATALOGUE, second] };
    const fields = [
      { to: 'email', from: { path: 'a' } },
      { to: 'work_email', from: { path: 'b' } },
    ];
    const mapped = applyMapping(
      { ...CUSTOMERS, fields },
      { a: 'a@x.test', b: 'B@y.test' },
      context,
    );
    expect(parsed(mapped)[0]).toMatchObject({
      identifiers: [
        { type: 'email', value: 'a@x.test' },
        { type: 'email', value: 'b@y.test' },
      ],
    });
  });
});

describe('a row of orders', () => {
  const row = {
    mail: 'ada@example.com',
    bon: 4711,
    summe: '1.234,50',
    zeit: '28.02.2026 09:30',
    artikel: 'SHOE-1',
    menge: '',
  };

  it('becomes Order Completed at the time of the purchase, with its product', () => {
    expect(onlyEvent(applyMapping(ORDERS, row, CONTEXT))).toMatchObject({
      type: 'track',
      event: 'Order Completed',
      timestamp: '2026-02-28T08:30:00.000Z',
      properties: {
        order_id: '4711',
        total: 1_234.5,
        currency: 'EUR',
        products: [{ sku: 'SHOE-1', quantity: 1 }],
      },
      context: { traits: { email: 'ada@example.com' } },
    });
  });

  it('passes the lane', () => {
    expect(parsed(applyMapping(ORDERS, row, CONTEXT))).toEqual([
      expect.objectContaining({
        name: 'Order Completed',
        eventTime: Date.parse('2026-02-28T08:30:00Z'),
        identifiers: [{ type: 'email', value: 'ada@example.com' }],
      }),
    ]);
  });

  it.each([
    [{ bon: null }, 'missing_order_id', null],
    [{ zeit: '' }, 'missing_time', 'event_time'],
    [{ zeit: 'gestern' }, 'not_a_time', 'event_time'],
    [{ summe: '12.50' }, 'not_a_number', 'total'],
    [{ mail: '' }, 'missing_identity', null],
  ] as const)('with %j is rejected as %s', (change, code, field) => {
    const { events, rejection } = applyMapping(ORDERS, { ...row, ...change }, CONTEXT);
    expect(events).toEqual([]);
    expect(rejection).toMatchObject({ code, field });
  });

  it('without a time counts as imported only where the mapping says that this will do', () => {
    const fields = ORDERS.fields.map((field) =>
      field.to === 'event_time' ? { ...field, level: 'omit' as const } : field,
    );
    const mapped = applyMapping({ ...ORDERS, fields }, { ...row, zeit: '' }, CONTEXT);
    expect(onlyEvent(mapped)['timestamp']).toBe('2026-03-01T00:00:00.000Z');
    expect(mapped.warnings).toMatchObject([{ code: 'missing_time', action: 'omitted' }]);
  });

  it('keeps the list of products that it has', () => {
    const fields = [
      ...ORDERS.fields,
      { to: 'products', from: { path: 'zeilen' }, casts: [{ cast: 'json' } as const] },
    ];
    const mapped = applyMapping(
      { ...ORDERS, fields },
      { ...row, zeilen: '[{"sku":"A"},{"sku":"B"}]' },
      CONTEXT,
    );
    expect(onlyEvent(mapped)['properties']).toMatchObject({
      products: [{ sku: 'A' }, { sku: 'B' }],
    });
  });
});

describe('consents of a row', () => {
  const mapping: Mapping = {
    key: 'consents',
    target: 'customers',
    fields: [
      { to: 'email', from: { path: 'mail' } },
      { to: 'marketing_consent', from: { path: 'all' } },
      { to: 'sms_consent', from: { path: 'sms' }, saidAt: 'sms_at' },
    ],
  };

  it('for all channels travels with the event', () => {
    const mapped = applyMapping(mapping, { mail: 'a@x.test', all: 'ja' }, CONTEXT);
    expect(onlyEvent(mapped)['context']).toEqual({
      consent: { categoryPreferences: { marketing: true } },
    });
    expect(parsed(mapped)[0]).toMatchObject({
      consents: [{ purpose: 'marketing', channel: '*', state: 'granted' }],
    });
  });

  it('of one channel, or a withdrawal, is an event of its own', () => {
    const row = { mail: 'a@x.test', all: 'withdrawn', sms: 'no', sms_at: '2026-01-05T10:00:00Z' };
    const [, first, second] = parsed(applyMapping(mapping, row, CONTEXT));
    expect(first).toMatchObject({
      name: 'Consent Changed',
      consents: [{ purpose: 'marketing', channel: '*', state: 'revoked' }],
      identifiers: [{ type: 'email', value: 'a@x.test' }],
    });
    expect(second).toMatchObject({
      eventTime: Date.UTC(2026, 0, 5, 10),
      consents: [{ purpose: 'marketing', channel: 'sms', state: 'denied' }],
    });
  });

  it('with a time of its own is one and the same in every row that repeats it', () => {
    const row = { mail: 'a@x.test', sms: 'yes', sms_at: '2026-01-05T10:00:00Z' };
    const ids = ['1', '2'].map(
      (rowId) => applyMapping(mapping, row, { ...CONTEXT, rowId }).events[1]?.['messageId'],
    );
    expect(ids[0]).toBe(ids[1]);
    const later = { ...row, sms_at: '2026-01-06T10:00:00Z' };
    expect(applyMapping(mapping, later, CONTEXT).events[1]?.['messageId']).not.toBe(ids[0]);
  });

  it('is no consent where the word is not known', () => {
    const { rejection } = applyMapping(mapping, { mail: 'a@x.test', all: 'pending' }, CONTEXT);
    expect(rejection).toMatchObject({ code: 'invalid_consent', field: 'marketing_consent' });
  });
});

describe('sources of a field', () => {
  const mapping = (from: Mapping['fields'][number]['from']): Mapping => ({
    key: 'sources',
    target: 'customers',
    fields: [
      { to: 'user_id', from: { constant: 1 } },
      { to: 'name', from },
    ],
  });
  const nameOf = (from: Mapping['fields'][number]['from'], row: Json) => {
    const traits = onlyEvent(applyMapping(mapping(from), row, CONTEXT))['traits'];
    return isJsonObject(traits) ? traits['name'] : undefined;
  };

  it.each([
    [{ path: 'a.b' }, { 'a.b': 'column', a: { b: 'nested' } }, 'column'],
    [{ path: 'a.b' }, { a: { b: 'nested' } }, 'nested'],
    [{ path: 'a.1' }, { a: ['x', 'y'] }, 'y'],
    [{ path: 'constructor' }, {}, undefined],
    [{ constant: 'Ada' }, {}, 'Ada'],
    [{ template: '{{first}} {{ last.name }}' }, { first: 'Ada', last: { name: 'L.' } }, 'Ada L.'],
    [{ template: '{{first}} {{last}}' }, { last: 'L.' }, 'L.'],
    [{ template: '{{first}}, {{last}}' }, { first: ' ' }, undefined],
    [{ template: '$& {{first}}' }, { first: '$1 $&' }, '$& $1 $&'],
  ] as const)('%j of %j is %j', (from, row, name) => {
    expect(nameOf(from, row)).toBe(name);
  });
});

describe('an order that names itself and its time', () => {
  const ids = (mapping: Mapping, row: JsonObject): unknown[] =>
    ['file-a', 'file-b'].flatMap((importKey) =>
      ['1', '2'].map(
        (rowId) =>
          applyMapping(mapping, row, { ...CONTEXT, rowsRepeat: true, importKey, rowId })
            .events[0]?.['messageId'],
      ),
    );
  const timed: Mapping = {
    key: 'till',
    target: 'orders',
    fields: [
      { to: 'order_id', from: { path: 'bon' } },
      { to: 'email', from: { path: 'mail' } },
      { to: 'event_time', from: { path: 'at' }, casts: [{ cast: 'time' }] },
    ],
  };
  const row = { bon: 'B-1', mail: 'a@x.test', at: '2026-01-05T10:00:00Z' };

  it('is the same order in every row and file that repeats it, and another one once it says something else', () => {
    expect(new Set(ids(timed, row)).size).toBe(1);
    expect(ids(timed, { ...row, mail: 'b@x.test' })[0]).not.toBe(ids(timed, row)[0]);
  });

  it('is one of its own in each row where its time is not told, as is everything that is no order', () => {
    const untimed = { ...timed, fields: timed.fields.slice(0, 2) };
    const visits: Mapping = { ...timed, target: 'events' };
    const named = { to: 'event_name', from: { constant: 'Visited' } } as const;
    expect(new Set(ids(untimed, row)).size).toBe(4);
    expect(new Set(ids({ ...visits, fields: [...timed.fields, named] }, row)).size).toBe(4);
  });
});
