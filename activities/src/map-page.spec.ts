import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isJsonList, isJsonObject, type JsonObject } from '@throughline/domain/shared';
import type { ImportPage, MappedPage } from '@throughline/store/ingestion';
import { mapPage, type RowMapper } from './map-page.js';

const PAGE: ImportPage = {
  kind: 'events',
  format: 'ndjson',
  state: 'running',
  mappingKey: 'm',
  mapping: {},
  contentHash: '00',
  columns: null,
  startJourneys: false,
  createdAt: 0,
  rowsTotal: 0,
  rowsRead: 0,
  events: 0,
  warned: 0,
  omitted: 0,
  rejected: 0,
  warnings: {},
  seq: 0,
  chunk: null,
};
const asIs: RowMapper = (row) => ({ events: [row], warnings: [], rejection: null });
const pageOf = (
  lines: readonly unknown[],
  columns: readonly string[] | null = null,
): ImportPage => ({
  ...PAGE,
  columns,
  chunk: lines.map((line) => JSON.stringify(line)).join('\n'),
});
const eventsOf = ({ batches }: MappedPage): JsonObject[] =>
  batches.flatMap(({ body }) => {
    const parsed: unknown = JSON.parse(body);
    const list = isJsonObject(parsed) ? parsed['batch'] : undefined;
    return isJsonList(list) ? list.filter(isJsonObject) : [];
  });

describe('a page of rows', () => {
  it('becomes the events that its rows map to, in their order', () => {
    const mapped = mapPage(
      pageOf(
        [
          [1, ['a', 'b']],
          [2, ['c', '']],
        ],
        ['x', 'y'],
      ),
      asIs,
    );
    expect(eventsOf(mapped)).toEqual([
      { x: 'a', y: 'b' },
      { x: 'c', y: '' },
    ]);
    expect(mapped).toMatchObject({ rows: 2, warned: 0, omitted: 0, rejects: [] });
  });

  it('keeps what the reader refused, what is no row and what the mapping rejects, with number and text', () => {
    const lines = [[7, 'a,b,c', 'ragged_row', '3 fields'], [8, 5], [9, { id: 'x' }], 'nonsense'];
    const mapped = mapPage(pageOf(lines), () => ({
      events: [],
      warnings: [],
      rejection: { code: 'missing', field: 'id', detail: 'no id' },
    }));
    expect(mapped.rejects).toEqual([
      { row: 7, code: 'ragged_row', field: null, detail: '3 fields', raw: '"a,b,c"' },
      { row: 8, code: 'not_an_object', field: null, detail: 'the row is no object', raw: '5' },
      { row: 9, code: 'missing', field: 'id', detail: 'no id', raw: '{"id":"x"}' },
      { row: 0, code: 'not_an_object', field: null, detail: 'the row is no object', raw: 'null' },
    ]);
    expect(mapped.batches).toEqual([]);
  });

  it('counts warnings by code, and rows once however many they have', () => {
    const mapped = mapPage(
      pageOf([
        [1, {}],
        [2, {}, 'two@7'],
      ]),
      (_row, id) => ({
        events: [{ id }],
        warnings: [
          { code: 'bad_email', action: 'kept' },
          { code: 'bad_phone', action: id === 'two@7' ? 'omitted' : 'kept' },
        ],
        rejection: null,
      }),
    );
    expect(mapped).toMatchObject({
      warned: 2,
      omitted: 1,
      warnings: { bad_email: 2, bad_phone: 2 },
    });
  });

  it('is cut into batches that the lane takes quickly, and nothing is lost or turned round', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { maxLength: 1_200 }), (sizes) => {
        const rows = sizes.map((size, index) => [index, { index, text: 'x'.repeat(size) }]);
        const mapped = mapPage(pageOf(rows), asIs);
        for (const { body, events } of mapped.batches) {
          expect(events).toBeLessThanOrEqual(500);
          expect(body.length).toBeLessThanOrEqual(420_000);
        }
        expect(eventsOf(mapped).map(({ index }) => index)).toEqual(sizes.map((_, index) => index));
      }),
      { numRuns: 20 },
    );
  });

  it('tells revocations at once, as the door does', () => {
    const revoked = {
      type: 'track',
      event: 'Consent Changed',
      userId: 'u',
      properties: { purpose: 'marketing', channel: 'email', state: 'revoked' },
    };
    const [batch] = mapPage(pageOf([[1, revoked]]), asIs).batches;
    expect(batch?.revocations).toEqual([
      { type: 'user_id', value: 'u', purpose: 'marketing', channel: 'email' },
    ]);
    expect(mapPage(pageOf([[1, { type: 'track' }]]), asIs).batches[0]?.revocations).toEqual([]);
  });
});
