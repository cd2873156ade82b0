import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyMapping } from './apply-mapping.js';
import { previewMapping } from './preview-mapping.js';
import { STARTER_CATALOGUE } from './starter-catalogue.js';
import { arbitraryMapping, arbitraryRow, CONTEXT, CUSTOMERS } from './testing/rows.js';

const AROUND = { catalogue: STARTER_CATALOGUE, importedAt: CONTEXT.importedAt };

describe('previewMapping', () => {
  it('counts what an import would do, by row and by code', () => {
    const rows = [
      { Nr: '1', Vorname: 'Ada' },
      { Nr: '2', Land: 'Atlantis', 'E-Mail': 'x' },
      { Nr: '3', Geburtstag: 'yesterday' },
      { Vorname: 'nobody' },
      'no row',
    ];
    const preview = previewMapping(CUSTOMERS, rows, AROUND);
    expect(preview.counts).toEqual({ rows: 5, events: 2, warned: 1, omitted: 1, rejected: 3 });
    expect(preview.byCode).toEqual({
      invalid_email: 1,
      invalid_country: 1,
      not_a_date: 1,
      missing_identity: 1,
      not_a_row: 1,
    });
    expect(preview.rows.map(({ row, rejection }) => [row, rejection?.field])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 'birthday'],
      [4, null],
      [5, null],
    ]);
  });

  it('shows the elements of one payload under its number', () => {
    const mapping = {
      ...CUSTOMERS,
      each: 'list',
      fields: [{ to: 'crm_id', from: { path: 'n' } }],
    };
    const { rows } = previewMapping(mapping, [{ list: [{ n: 1 }, { n: 2 }] }], AROUND);
    expect(rows.map(({ row }) => row)).toEqual([1, 1]);
  });

  it('says of each row what the import itself will say, the message id aside', () => {
    fc.assert(
      fc.property(arbitraryMapping, fc.array(arbitraryRow, { maxLength: 4 }), (mapping, rows) => {
        const preview = previewMapping(mapping, rows, AROUND);
        rows.forEach((row, index) => {
          const mapped = applyMapping(mapping, row, CONTEXT);
          expect(preview.rows[index]?.rejection).toEqual(mapped.rejection);
          expect(preview.rows[index]?.warnings).toEqual(mapped.warnings);
          expect(preview.rows[index]?.events).toHaveLength(mapped.events.length);
        });
        const { counts } = preview;
        expect(counts.rows).toBe(rows.length);
        expect(counts.rejected).toBe(
          preview.rows.filter(({ events }) => events.length === 0).length,
        );
      }),
    );
  });
});
