import fc from 'fast-check';
import { parseJson, type Json } from '../../shared/index.js';
import { STARTER_CATALOGUE } from '../starter-catalogue.js';
import { NORMALISERS, TIME_FORMATS, type Cast, type MapContext, type Mapping } from '../types.js';

/** What the specs of the catalogue share: a context, mappings, and rows of every kind that a sender can think of. */
export const CONTEXT: MapContext = {
  catalogue: STARTER_CATALOGUE,
  importKey: 'a1b2c3',
  rowId: '7',
  importedAt: Date.UTC(2026, 2, 1),
};

export const CUSTOMERS: Mapping = {
  key: 'till-customers',
  target: 'customers',
  country: 'DE',
  fields: [
    { to: 'crm_id', from: { path: 'Nr' } },
    { to: 'email', from: { path: 'E-Mail' }, level: 'omit' },
    { to: 'phone', from: { path: 'Telefon' }, level: 'omit' },
    { to: 'first_name', from: { path: 'Vorname' }, normalise: ['name'] },
    { to: 'city', from: { path: 'Ort' } },
    { to: 'country', from: { path: 'Land' }, level: 'warn' },
    {
      to: 'birthday',
      from: { path: 'Geburtstag' },
      casts: [{ cast: 'date', format: 'dd.mm.yyyy' }],
    },
  ],
};

export const ORDERS: Mapping = {
  key: 'till-orders',
  target: 'orders',
  zone: 'Europe/Berlin',
  fields: [
    { to: 'email', from: { path: 'mail' } },
    { to: 'order_id', from: { path: 'bon' } },
    { to: 'total', from: { path: 'summe' }, casts: [{ cast: 'number', decimal: 'comma' }] },
    { to: 'currency', from: { constant: 'EUR' } },
    { to: 'event_time', from: { path: 'zeit' }, casts: [{ cast: 'time', format: 'dd.mm.yyyy' }] },
    { to: 'sku', from: { path: 'artikel' } },
    { to: 'quantity', from: { path: 'menge' }, default: 1 },
  ],
};

/** JSON of any kind, with what files and forms are full of among it. */
export const arbitraryValue: fc.Arbitrary<Json> = fc.oneof(
  fc.json({ maxDepth: 4 }).map((text) => parseJson(text) ?? null),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom<Json>(
    ...['', ' ', '-', 'null', 'NaN', '1e999', '-0', '12.345,60', '2026-02-30', '00:00', '+', '@'],
    ...[
      'ada@example.com',
      '+49 30 123456',
      'Deutschland',
      '\u0000',
      '\ud800',
      'ß',
      'İ',
      '__proto__',
    ],
    ...[1e308, -1, 0.1, 2 ** 60, true, false],
    ...[null, [], {}, [null], [[]], { a: { b: [1] } }],
  ),
);

/** Rows with the columns that the mappings above read, and others. */
export const arbitraryRow: fc.Arbitrary<Json> = fc.oneof(
  fc.dictionary(
    fc.constantFrom(
      ...['Nr', 'E-Mail', 'Telefon', 'Vorname', 'Ort', 'Land', 'Geburtstag'],
      ...['mail', 'bon', 'summe', 'zeit', 'artikel', 'menge', '__proto__', 'a.b'],
    ),
    arbitraryValue,
    { noNullPrototype: true },
  ),
  arbitraryValue,
);

const arbitraryCast: fc.Arbitrary<Cast> = fc.oneof(
  fc.constantFrom<Cast>(
    { cast: 'text' },
    { cast: 'number' },
    { cast: 'number', decimal: 'comma' },
    { cast: 'integer', decimal: 'point' },
    { cast: 'boolean' },
    { cast: 'json' },
    { cast: 'list' },
    { cast: 'words', words: { yes: true, no: null } },
    { cast: 'items', pick: { name: { path: 'a.b', casts: [{ cast: 'number' }] } } },
  ),
  fc.record({
    cast: fc.constantFrom('date' as const, 'time' as const),
    format: fc.constantFrom(...TIME_FORMATS),
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia'),
  }),
);

/** Any mapping of the starter's attributes from the columns of arbitraryRow. */
export const arbitraryMapping: fc.Arbitrary<Mapping> = fc.record({
  key: fc.constant('any'),
  target: fc.constantFrom('customers' as const, 'events' as const, 'orders' as const),
  fields: fc.array(
    fc.record(
      {
        to: fc.constantFrom(...STARTER_CATALOGUE.map(({ key }) => key)),
        from: fc.oneof(
          fc.record({ path: fc.constantFrom('Nr', 'E-Mail', 'a.b', '$.mail', '__proto__', 'x') }),
          fc.record({ template: fc.constantFrom('{{Nr}}-{{ bon }}', '{{', '{{}}', '$&{{Ort}}') }),
          fc.record({ constant: fc.oneof(fc.string(), fc.integer(), fc.boolean()) }),
        ),
        casts: fc.array(arbitraryCast, { maxLength: 3 }),
        normalise: fc.array(fc.constantFrom(...NORMALISERS), { maxLength: 3 }),
        level: fc.constantFrom('allow', 'warn', 'omit', 'quarantine'),
        default: fc.oneof(fc.string(), fc.integer()),
        saidAt: fc.constantFrom('zeit', 'Nr'),
      },
      { requiredKeys: ['to', 'from'] },
    ),
    { minLength: 1, maxLength: 12 },
  ),
});
