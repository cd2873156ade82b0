import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson, type Json, type JsonObject } from '../shared/index.js';
import { applyMapping, mapPayload } from './apply-mapping.js';
import { MAPPING_CODES } from './codes.js';
import { arbitraryMapping, arbitraryRow, CONTEXT, CUSTOMERS, ORDERS } from './testing/rows.js';
import type { MappedRow, Mapping } from './types.js';

function onlyEvent(mapped: MappedRow): JsonObject {
  expect(mapped.rejection).toBeNull();
  expect(mapped.events).toHaveLength(1);
  return mapped.events[0] ?? {};
}

describe('mapPayload', () => {
  const mapping: Mapping = {
    key: 'hook',
    target: 'events',
    each: 'data.items',
    fields: [
      { to: 'user_id', from: { path: '$.account.id' } },
      { to: 'event_name', from: { template: 'Ticket {{state}}' } },
      { to: 'reason', from: { path: 'why' }, level: 'quarantine' },
      { to: 'value', from: { path: 'value' } },
    ],
  };
  const payload = {
    account: { id: 'u1' },
    data: { items: [{ state: 'opened', value: 3 }, { state: 'closed', value: 'x' }, 5] },
  };

  it('makes an event of each element, and rejects the others each by itself', () => {
    const mapped = mapPayload(mapping, payload, CONTEXT);
    expect(mapped.map(({ events }) => events[0]?.['event'])).toEqual([
      'Ticket opened',
      undefined,
      undefined,
    ]);
    expect(mapped.map(({ rejection }) => rejection?.code)).toEqual([
      undefined,
      'not_a_number',
      'not_a_row',
    ]);
    expect(mapped[0]?.events[0]).toMatchObject({ userId: 'u1', properties: { value: 3 } });
  });

  it('tells equal elements of one payload apart', () => {
    const twice = { account: { id: 'u1' }, data: { items: [{ state: 'a' }, { state: 'a' }] } };
    const [one, two] = mapPayload(mapping, twice, CONTEXT);
    expect(one?.events[0]?.['messageId']).not.toBe(two?.events[0]?.['messageId']);
  });

  it('takes a payload that is itself the list', () => {
    const fields = [
      { to: 'user_id', from: { path: 'u' } },
      { to: 'event_name', from: { constant: 'Pinged' } },
    ];
    const mapped = mapPayload({ ...mapping, each: '$', fields }, [{ u: 1 }, { u: 2 }], CONTEXT);
    expect(mapped.map(({ events }) => events[0]?.['userId'])).toEqual(['1', '2']);
  });

  it.each<[Json]>([[null], [{}], [{ data: { items: {} } }], ['text']])(
    'rejects %j, which has no such list',
    (other) => {
      expect(mapPayload(mapping, other, CONTEXT)).toMatchObject([
        { events: [], rejection: { code: 'not_a_row' } },
      ]);
    },
  );

  it('survives a payload that is nested without end', () => {
    const deep = parseJson('['.repeat(50_000) + ']'.repeat(50_000)) ?? null;
    expect(mapPayload(mapping, deep, CONTEXT)[0]?.rejection?.code).toBe('too_deep');
    expect(applyMapping(CUSTOMERS, { Nr: deep }, CONTEXT).rejection?.code).toBe('too_deep');
  });
});

describe('message ids', () => {
  const row = { mail: 'ada@example.com', bon: '1', zeit: '28.02.2026 09:30' };
  const idOf = (change: Partial<typeof CONTEXT>, changed: Json = row) =>
    applyMapping(ORDERS, changed, { ...CONTEXT, ...change }).events[0]?.['messageId'];

  it('are the same for the same row of the same file, whenever it is imported', () => {
    expect(idOf({ importedAt: 1 })).toBe(idOf({}));
  });

  it('differ by file, by row and by what the row says', () => {
    const ids = [
      idOf({}),
      idOf({ importKey: 'other' }),
      idOf({ rowId: '8' }),
      idOf({}, { ...row, bon: '2' }),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('are those of the row where the mapping names them', () => {
    const fields = [...ORDERS.fields, { to: 'message_id', from: { template: 'order-{{bon}}' } }];
    const mapped = applyMapping({ ...ORDERS, fields }, row, CONTEXT);
    expect(onlyEvent(mapped)['messageId']).toBe('order-1');
  });
});

describe('any row under any mapping', () => {
  it('becomes events or a rejection with a known code, never an exception, and the same again', () => {
    fc.assert(
      fc.property(
        fc.oneof(arbitraryMapping, fc.constantFrom(CUSTOMERS, ORDERS)),
        arbitraryRow,
        (mapping, row) => {
          const mapped = applyMapping(mapping, row, CONTEXT);
          expect(mapped.events.length > 0).toBe(mapped.rejection === null);
          if (mapped.rejection !== null) {
            expect(Object.keys(MAPPING_CODES)).toContain(mapped.rejection.code);
          }
          const copy = parseJson(JSON.stringify(row)) ?? null;
          expect(applyMapping(mapping, copy, CONTEXT)).toEqual(mapped);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never changes the row', () => {
    fc.assert(
      fc.property(arbitraryMapping, arbitraryRow, (mapping, row) => {
        const before = JSON.stringify(row);
        mapPayload(mapping, row, CONTEXT);
        expect(JSON.stringify(row)).toBe(before);
      }),
    );
  });
});
