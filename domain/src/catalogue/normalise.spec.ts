import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normaliseIdentifier } from '../identity/index.js';
import { normaliseCountry } from './normalise-country.js';
import { normalisePhone } from './normalise-phone.js';
import { normaliseCurrency, normaliseEmail, normaliseName } from './normalise-text.js';
import { applyNormaliser } from './normalise.js';
import { NORMALISERS } from './types.js';
import { arbitraryValue } from './testing/rows.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.emailAddress(),
  fc
    .array(fc.constantFrom('+', '00', '4', '9', '0', '1', '7', ' ', '-', '(', ')', '٣', 'x'), {
      maxLength: 20,
    })
    .map((parts) => parts.join('')),
  fc
    .array(fc.constantFrom('ß', 'İ', 'Σ', 'ǆ', 'ŉ', "'", '-', 'S', 's', 'É', 'e\u0301', 'ﬁ', ' '), {
      maxLength: 8,
    })
    .map((parts) => parts.join('')),
);

describe('every normaliser', () => {
  it.each(NORMALISERS)('%s gives its own result back unchanged', (normaliser) => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('DE', 'US', 'RU', undefined), (text, country) => {
        const once = applyNormaliser(text, normaliser, country);
        if (!once.ok || once.value === undefined) return;
        expect(applyNormaliser(once.value, normaliser, country)).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });

  it('answers to any value and never throws', () => {
    fc.assert(
      fc.property(arbitraryValue, fc.constantFrom(...NORMALISERS), (value, normaliser) => {
        expect(typeof applyNormaliser(value, normaliser, 'ZZ').ok).toBe('boolean');
      }),
    );
  });
});

describe('normaliseEmail', () => {
  it.each([
    [' Ada@Example.COM ', 'ada@example.com'],
    ['mailto:ada@example.com', 'ada@example.com'],
    ['o.b+tag@mail.example.co.uk', 'o.b+tag@mail.example.co.uk'],
    ['Jo\u0301se@example.com', 'jóse@example.com'],
    ['anna@müller.example', 'anna@müller.example'],
  ])('writes %j as %s', (text, email) => {
    expect(normaliseEmail(text)).toBe(email);
  });

  it.each([
    'ada',
    'ada@',
    '@example.com',
    'ada@localhost',
    'ada@@example.com',
    'a..b@example.com',
    '.a@example.com',
    'ada@example..com',
    'ada@-example.com',
    'ada@example.c',
    'ada@exam ple.com',
    'Ada <ada@example.com>',
    'a@example.com, b@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(260)}.com`,
  ])('refuses %j', (text) => {
    expect(normaliseEmail(text)).toBeUndefined();
  });

  it('writes an address as identity compares it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const email = normaliseEmail(text);
        if (email !== undefined) expect(normaliseIdentifier('email', email)).toBe(email);
      }),
    );
  });
});

describe('normalisePhone', () => {
  it.each([
    ['030 123456', 'DE', '+4930123456'],
    ['+49 (0)30 123456', 'DE', '+4930123456'],
    ['0049 30 123456', undefined, '+4930123456'],
    ['(212) 555-0123', 'US', '+12125550123'],
    ['8 (912) 345-67-89', 'RU', '+79123456789'],
    ['+44 20 7946 0018', 'DE', '+442079460018'],
    ['+1 212 555 0123 ext. 5', undefined, '+12125550123'],
  ])('writes %j of %s as %s', (text, country, phone) => {
    expect(normalisePhone(text, country)).toBe(phone);
  });

  it.each([
    ['030 123456', undefined],
    ['030 123456', 'ZZ'],
    ['12', 'DE'],
    ['000000', 'DE'],
    ['call me', 'DE'],
    ['', 'DE'],
    ['call 030 123456 today', 'DE'],
    ['1'.repeat(5_000), 'DE'],
  ])('refuses %j of %s', (text, country) => {
    expect(normalisePhone(text, country)).toBeUndefined();
  });

  it('writes a number as identity compares it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const phone = normalisePhone(text, 'DE');
        if (phone !== undefined) expect(normaliseIdentifier('phone', phone)).toBe(phone);
      }),
    );
  });
});

describe('normaliseName', () => {
  it.each([
    ['  ADA   LOVELACE ', 'Ada Lovelace'],
    ['ada lovelace', 'Ada Lovelace'],
    ['McDonald', 'McDonald'],
    ['Charles de Gaulle', 'Charles de Gaulle'],
    ["SINÉAD O'CONNOR", "Sinéad O'Connor"],
    ['JEAN-LUC', 'Jean-Luc'],
    ["BROWN'S", "Brown's"],
    ['МАРИЯ ИВАНОВА', 'Мария Иванова'],
    ['straße', 'Straße'],
    ['王秀英', '王秀英'],
    ['', ''],
  ])('writes %j as %j', (text, name) => {
    expect(normaliseName(text)).toBe(name);
  });
});

describe('normaliseCountry', () => {
  it.each([
    ['de', 'DE'],
    ['DEU', 'DE'],
    ['276', 'DE'],
    ['Germany', 'DE'],
    ['Deutschland', 'DE'],
    ['ALLEMAGNE', 'DE'],
    ['Германия', 'DE'],
    ['UK', 'GB'],
    ['Great Britain', 'GB'],
    ['U.S.A.', 'US'],
    ['United States of America', 'US'],
    ['the Netherlands', 'NL'],
    ['Cote d’Ivoire', 'CI'],
    ['Bosnia and Herzegovina', 'BA'],
    ['Türkei', 'TR'],
    ['Turkey', 'TR'],
    ['Österreich', 'AT'],
    ['Osterreich', 'AT'],
    ['日本', 'JP'],
    ['XKX', 'XK'],
  ])('reads %s as %s', (text, code) => {
    expect(normaliseCountry(text)).toBe(code);
  });

  it.each(['', 'ZZ', 'EU', 'AAA', '000', 'Atlantis', 'Northern', 'constructor', 'x'.repeat(500)])(
    'knows no country %j',
    (text) => {
      expect(normaliseCountry(text)).toBeUndefined();
    },
  );

  it('reads back the name of each country that it knows', () => {
    const names = new Intl.DisplayNames('en', { type: 'region' });
    for (const code of [
      'AD',
      'CD',
      'CG',
      'GN',
      'GQ',
      'KP',
      'KR',
      'SX',
      'MF',
      'VG',
      'VI',
      'XK',
      'ZW',
    ])
      expect(normaliseCountry(names.of(code) ?? '')).toBe(code);
  });
});

describe('normaliseCurrency', () => {
  it.each([
    ['eur', 'EUR'],
    [' USD ', 'USD'],
    ['€', 'EUR'],
    ['£', 'GBP'],
  ])('reads %j as %s', (text, code) => {
    expect(normaliseCurrency(text)).toBe(code);
  });

  it.each(['$', 'EURO', 'XXQ', '', 'toString'])('knows no currency %j', (text) => {
    expect(normaliseCurrency(text)).toBeUndefined();
  });
});

describe('the normaliser of dates', () => {
  it.each([
    ['2026-4-3', '2026-04-03'],
    ['03.04.2026', '2026-04-03'],
    ['2026/04/03', '2026-04-03'],
    ['20260403', '2026-04-03'],
    ['2026-04-03T23:30:00+14:00', '2026-04-03'],
  ])('reads %s as %s', (text, day) => {
    expect(applyNormaliser(text, 'date', undefined)).toEqual({ ok: true, value: day });
  });

  it('does not guess which of two numbers is the month', () => {
    expect(applyNormaliser('03/04/2026', 'date', undefined)).toMatchObject({ code: 'not_a_date' });
  });
});
