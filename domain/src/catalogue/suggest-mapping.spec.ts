import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyMapping } from './apply-mapping.js';
import { checkMapping } from './check-mapping.js';
import { MappingSchema } from './mapping.schema.js';
import { STARTER_CATALOGUE } from './starter-catalogue.js';
import { columnsOf, suggestMapping, type Sampled, type Suggestion } from './suggest-mapping.js';
import { arbitraryRow, CONTEXT } from './testing/rows.js';
import type { Json } from '../shared/index.js';

function suggested(
  rows: readonly Json[],
  target: Sampled['target'],
  catalogue = STARTER_CATALOGUE,
): Record<string, Suggestion> {
  const columns = columnsOf(rows);
  const list = suggestMapping({ columns, rows, catalogue, target });
  return Object.fromEntries(list.map((suggestion) => [suggestion.from.path, suggestion]));
}

const attributesOf = (found: Record<string, Suggestion>) =>
  Object.fromEntries(Object.entries(found).map(([column, { to }]) => [column, to]));

describe('suggestMapping', () => {
  it('knows a German file of customers by its names', () => {
    const found = suggested(
      [
        {
          Kundennr: '1001',
          'E-Mail-Adresse': 'a@x.test',
          Vorname: 'ADA',
          Nachname: 'Lovelace',
          Geburtsdatum: '10.12.1985',
          PLZ: '10117',
          Ort: 'Berlin',
          Land: 'Deutschland',
          Telefonnummer: '030 123456',
          Newsletter: 'ja',
          Farbe: 'blau',
        },
      ],
      'customers',
    );
    expect(attributesOf(found)).toEqual({
      Kundennr: 'user_id',
      'E-Mail-Adresse': 'email',
      Vorname: 'first_name',
      Nachname: 'last_name',
      Geburtsdatum: 'birthday',
      PLZ: 'postal_code',
      Ort: 'city',
      Land: 'country',
      Telefonnummer: 'phone',
      Newsletter: 'marketing_consent',
    });
    expect(found['Geburtsdatum']?.casts).toEqual([{ cast: 'date', format: 'dd.mm.yyyy' }]);
    expect(found['Vorname']?.normalise).toEqual(['name']);
  });

  it('knows files in other languages', () => {
    const russian = [{ Фамилия: 'Иванова', Имя: 'Мария', Почта: 'm@x.test', Город: 'Тула' }];
    expect(attributesOf(suggested(russian, 'customers'))).toEqual({
      Фамилия: 'last_name',
      Имя: 'first_name',
      Почта: 'email',
      Город: 'city',
    });
    const french = [{ Prénom: 'Zoé', 'Adresse e-mail': 'z@x.test', Ville: 'Lyon', Pays: 'France' }];
    expect(attributesOf(suggested(french, 'customers'))).toEqual({
      Prénom: 'first_name',
      'Adresse e-mail': 'email',
      Ville: 'city',
      Pays: 'country',
    });
  });

  it('knows a till file, its decimal comma and its dates', () => {
    const found = suggested(
      [
        { Bonnr: '1', Datum: '28.02.2026 09:30', Summe: '1.234,50', Artikelnr: 'S1', Menge: '2' },
        { Bonnr: '2', Datum: '01.03.2026 10:00', Summe: '12,00', Artikelnr: 'S2', Menge: '1' },
      ],
      'orders',
    );
    expect(attributesOf(found)).toEqual({
      Bonnr: 'order_id',
      Datum: 'event_time',
      Summe: 'total',
      Artikelnr: 'sku',
      Menge: 'quantity',
    });
    expect(found['Summe']?.casts).toEqual([{ cast: 'number', decimal: 'comma' }]);
    expect(found['Datum']?.casts).toEqual([{ cast: 'time', format: 'dd.mm.yyyy' }]);
  });

  it('reads one name by what the file holds', () => {
    const rows = [{ id: '1', name: 'x', created_at: '2026-01-01T00:00:00Z' }];
    expect(attributesOf(suggested(rows, 'customers'))).toEqual({
      id: 'user_id',
      name: 'name',
      created_at: 'customer_since',
    });
    expect(attributesOf(suggested(rows, 'events'))).toEqual({
      id: 'message_id',
      name: 'event_name',
      created_at: 'event_time',
    });
    expect(attributesOf(suggested(rows, 'orders'))).toMatchObject({
      id: 'order_id',
      created_at: 'event_time',
    });
  });

  it('finds addresses and numbers by their look alone, less surely', () => {
    const rows = [
      { column1: 'a@x.test', column2: '+4930123456', column3: 'x' },
      { column1: 'b@x.test', column2: '+4930123457', column3: 'y' },
    ];
    const found = suggested(rows, 'customers');
    expect(attributesOf(found)).toEqual({ column1: 'email', column2: 'phone' });
    expect(found['column1']?.confidence).toBe(0.75);
    expect(found['column1']?.why).toBe('100 % of 2 values can be read as email');
  });

  it('trusts a name less when the values speak against it', () => {
    const good = suggested([{ email: 'a@x.test' }], 'customers')['email'];
    const none = suggestMapping({
      columns: ['email'],
      rows: [],
      catalogue: STARTER_CATALOGUE,
      target: 'customers',
    })[0];
    const bad = suggested([{ email: 'yes' }, { email: 'no' }], 'customers')['email'];
    expect(good?.confidence).toBeGreaterThan(0.95);
    expect(none?.confidence).toBe(0.81);
    expect(bad).toBeUndefined();
  });

  it('says that a date can be read two ways, and does not where one value settles it', () => {
    const doubtful = suggested([{ order_date: '03/04/2026' }], 'orders')['order_date'];
    const settled = suggested(
      [{ order_date: '03/04/2026' }, { order_date: '03/25/2026' }],
      'orders',
    )['order_date'];
    expect(doubtful?.why).toContain('please check');
    expect(settled?.casts).toEqual([{ cast: 'time', format: 'mm/dd/yyyy' }]);
    expect(settled?.confidence).toBeGreaterThan(doubtful?.confidence ?? 1);
  });

  it.each([
    [1775212200, 'epoch_s'],
    ['1775212200000', 'epoch_ms'],
    ['20260403', 'yyyymmdd'],
  ])('sees that %s is %s', (timestamp, format) => {
    expect(suggested([{ timestamp }], 'events')['timestamp']?.casts).toEqual([
      { cast: 'time', format },
    ]);
  });

  it('reads nested payloads and lists', () => {
    const found = suggested(
      [{ customer: { email: 'a@x.test', firstName: 'Ada' }, tags: 'vip;runner' }],
      'customers',
    );
    expect(attributesOf(found)).toEqual({
      'customer.email': 'email',
      'customer.firstName': 'first_name',
      tags: 'tags',
    });
    expect(found['tags']?.casts).toEqual([{ cast: 'list', separator: ';' }]);
  });

  it("knows a workspace's own attributes by key and label", () => {
    const own = {
      key: 'shoe_size',
      label: 'Schuhgröße',
      type: 'number',
      role: { kind: 'trait', trait: 'shoeSize' },
      sensitivity: 'none',
    } as const;
    const catalogue = [...STARTER_CATALOGUE, own];
    expect(attributesOf(suggested([{ schuhgroesse: '42' }], 'customers', catalogue))).toEqual({});
    expect(attributesOf(suggested([{ Schuhgröße: '42' }], 'customers', catalogue))).toEqual({
      Schuhgröße: 'shoe_size',
    });
    expect(attributesOf(suggested([{ shoeSize: '42' }], 'customers', catalogue))).toEqual({
      shoeSize: 'shoe_size',
    });
  });

  it('gives each column one attribute and each attribute one column', () => {
    const rows = [{ email: 'a@x.test', mail: 'b@x.test', 'E-Mail': 'c@x.test' }];
    expect(Object.keys(suggested(rows, 'customers'))).toHaveLength(1);
  });

  it('for any rows makes a mapping that can be parsed, with confidences between 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryRow, { maxLength: 5 }),
        fc.constantFrom('customers' as const, 'events' as const, 'orders' as const),
        (rows, target) => {
          const columns = columnsOf(rows).filter((column) => column.isWellFormed());
          const list = suggestMapping({ columns, rows, catalogue: STARTER_CATALOGUE, target });
          for (const { confidence } of list) {
            expect(confidence).toBeGreaterThanOrEqual(0.3);
            expect(confidence).toBeLessThanOrEqual(1);
          }
          const fields = list.map(({ to, from, casts = [], normalise = [] }) => ({
            ...{ to, from, casts, normalise },
          }));
          if (fields.length === 0) return;
          const mapping = MappingSchema.parse({ key: 'guess', target, fields });
          expect(checkMapping(mapping, STARTER_CATALOGUE).map(({ code }) => code)).not.toContain(
            'mapped_twice',
          );
        },
      ),
    );
  });

  it('makes a mapping that works as it stands', () => {
    const rows = [{ Email: 'A@x.test', Vorname: 'ADA', Land: 'DEU', Geburtstag: '1.2.1990' }];
    const fields = Object.values(suggested(rows, 'customers')).map(
      ({ to, from, casts = [], normalise = [] }) => ({ to, from, casts, normalise }),
    );
    const mapped = applyMapping(
      { key: 'g', target: 'customers', fields },
      rows[0] ?? null,
      CONTEXT,
    );
    expect(mapped.events[0]?.['traits']).toEqual({
      email: 'a@x.test',
      firstName: 'Ada',
      address: { country: 'DE' },
      birthday: '1990-02-01',
    });
  });
});

describe('columnsOf', () => {
  it('lists the columns of all rows once, in order, three levels deep', () => {
    expect(
      columnsOf([{ a: 1, b: { c: { d: { e: 1 } } } }, { f: [], a: 2 }, 'no row', null, [1]]),
    ).toEqual(['a', 'b.c.d', 'f']);
  });
});
