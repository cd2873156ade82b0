import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  birthDateOf,
  countryCode,
  googleFields,
  hashed,
  isHashed,
  metaFields,
  sha256,
  snapFields,
  type Normalise,
} from './index.js';

const FIELDS: readonly [string, Normalise][] = [
  ['meta email', metaFields.email],
  ['meta name', metaFields.name],
  ['meta initial', metaFields.initial],
  ['meta gender', metaFields.gender],
  ['meta birth date', metaFields.birthDate],
  ['meta city', metaFields.city],
  ['meta state', (text) => metaFields.state(text)],
  ['meta state of the USA', (text) => metaFields.state(text, 'US')],
  ['meta zip', (text) => metaFields.zip(text)],
  ['meta zip of the USA', (text) => metaFields.zip(text, 'US')],
  ['meta country', metaFields.country],
  ['meta mobile id', metaFields.mobileAdId],
  ['google email', googleFields.email],
  ['google phone', (text) => googleFields.phone(text, 'DE')],
  ['google given name', googleFields.givenName],
  ['google family name', googleFields.familyName],
  ['google region', googleFields.regionCode],
  ['google postal code', googleFields.postalCode],
  ['snap email', snapFields.email],
  ['snap mobile id', snapFields.mobileAdId],
];

/** Text like what stands in these fields, and text like nothing at all. */
const someText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.emailAddress(),
  fc.constantFrom('Mr. Dr. Jo', 'Ng, jr., PhD', 'O’Brien-Smith', 'new york', 'NY', '94025-1234'),
  fc.constantFrom('A.B+c+d@GoogleMail.com', '+4915112345678', '0151 12345678', 'İstanbul', 'GB'),
  fc.constantFrom('1997-02-16', '16/2/1997', '19970216', 'Female', 'UK', 'Côte d’Ivoire'),
);

describe('hashing', () => {
  it.each(FIELDS)('%s: normalising twice changes nothing', (_name, normalise) => {
    fc.assert(
      fc.property(someText, (text) => {
        const once = normalise(text);
        fc.pre(once !== undefined);
        expect(normalise(once)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  it.each(FIELDS)('%s: never an empty value, never an empty hash', (_name, normalise) => {
    fc.assert(
      fc.property(someText, (text) => {
        expect(normalise(text)).not.toBe('');
        const hash = hashed(text, normalise);
        expect(hash === undefined || isHashed(hash)).toBe(true);
        expect(hash).not.toBe(sha256(''));
      }),
    );
  });

  it.each(FIELDS)('%s: what is hashed already passes through in small letters', (_n, normalise) => {
    const hash = sha256('somebody');
    expect(hashed(hash, normalise)).toBe(hash);
    expect(hashed(` ${hash.toUpperCase()} `, normalise)).toBe(hash);
  });

  it.each(FIELDS)('%s: leaves out what is empty', (_name, normalise) => {
    for (const nothing of ['', ' ', '\t\n']) {
      expect(normalise(nothing)).toBeUndefined();
      expect(hashed(nothing, normalise)).toBeUndefined();
    }
    expect(hashed(undefined, normalise)).toBeUndefined();
  });

  it('is the same for an accent of one character and of two', () => {
    expect(hashed('Vale\u0301ry', metaFields.name)).toBe(hashed('Val\u00e9ry', metaFields.name));
  });
});

describe('phones', () => {
  it.each<[string, string | undefined, string | undefined]>([
    ['+1 (650) 555-1212', undefined, '+16505551212'],
    ['0049 151 12345678', undefined, '+4915112345678'],
    ['0151 12345678', 'DE', '+4915112345678'],
    ['0151 12345678', 'Germany', '+4915112345678'],
    ['(650) 555-1212', 'us', '+16505551212'],
    // Nobody knows whose number this is; another vendor's tool would put a 1 before it.
    ['6505551212', undefined, undefined],
    ['0151 12345678', undefined, undefined],
    ['0151 12345678', 'Atlantis', undefined],
    ['call me', 'US', undefined],
  ])('%s of %s', (text, country, expected) => {
    expect(googleFields.phone(text, country)).toBe(expected);
    expect(metaFields.phone(text, country)).toBe(expected?.slice(1));
    expect(snapFields.phone(text, country)).toBe(expected?.slice(1));
  });
});

describe('Meta fields', () => {
  it.each<[Normalise, string, string | undefined]>([
    [metaFields.email, ' John.Smith+x@Example.COM ', 'john.smith+x@example.com'],
    [metaFields.email, 'not an address', undefined],
    [metaFields.email, 'null', undefined],
    [metaFields.name, ' O’Brien-Smith Jr. ', 'obriensmith jr'],
    [metaFields.name, '---', undefined],
    [metaFields.initial, '. Émile', 'é'],
    [metaFields.initial, '42', undefined],
    [metaFields.gender, 'Female', 'f'],
    [metaFields.gender, 'M', 'm'],
    [metaFields.gender, 'unknown', undefined],
    [metaFields.city, 'St. John’s Wood', 'stjohnswood'],
    [(text) => metaFields.state(text, 'US'), 'California', 'ca'],
    [(text) => metaFields.state(text, 'USA'), 'N.Y.', 'ny'],
    [(text) => metaFields.state(text, 'US'), 'Bavaria', undefined],
    [(text) => metaFields.state(text, 'DE'), 'Baden-Württemberg', 'badenwürttemberg'],
    [(text) => metaFields.zip(text, 'US'), '94025-1234', '94025'],
    [(text) => metaFields.zip(text, 'US'), '9402', undefined],
    [(text) => metaFields.zip(text, 'NL'), '1234 AB', '1234ab'],
    [
      metaFields.mobileAdId,
      'CDDA802E-FB9C-47AD-9866-0794D394C912',
      'cdda802e-fb9c-47ad-9866-0794d394c912',
    ],
    [metaFields.mobileAdId, '00000000-0000-0000-0000-000000000000', undefined],
  ])('%p(%j) is %j', (normalise, text, expected) => {
    expect(normalise(text)).toBe(expected);
  });

  it('read a date of birth only where it has one reading', () => {
    expect(birthDateOf('1997-02-16')).toEqual({ year: '1997', month: '02', day: '16' });
    expect(birthDateOf('1997-02-16T00:00:00Z')).toEqual({ year: '1997', month: '02', day: '16' });
    expect(birthDateOf('16/2/1997')).toEqual({ year: '1997', month: '02', day: '16' });
    expect(birthDateOf('3/3/1997')).toEqual({ year: '1997', month: '03', day: '03' });
    for (const text of ['3/4/1997', '1997-02-30', '30/30/1997', 'yesterday', '1997']) {
      expect(birthDateOf(text)).toBeUndefined();
    }
  });
});

describe('Google fields', () => {
  it.each<[Normalise, string, string | undefined]>([
    [googleFields.email, 'a b@example.com', 'ab@example.com'],
    [googleFields.email, 'J.D+x@googlemail.com', 'jd@googlemail.com'],
    [googleFields.email, '+x@gmail.com', undefined],
    [googleFields.givenName, 'Mrs. Anne-Marie', 'anne-marie'],
    [googleFields.givenName, 'Drew', 'drew'],
    [googleFields.familyName, 'Smith-Jones III', 'smith-jones'],
    [googleFields.familyName, 'Ivanov', 'ivanov'],
    [googleFields.postalCode, ' 94025-1234 ', '94025-1234'],
    [googleFields.regionCode, 'germany', 'DE'],
  ])('%p(%j) is %j', (normalise, text, expected) => {
    expect(normalise(text)).toBe(expected);
  });
});

describe('countries', () => {
  it.each<[string | undefined, string | undefined]>([
    ['us', 'US'],
    ['UK', 'GB'],
    ['USA', 'US'],
    ['U.S.A.', 'US'],
    ['United States of America', 'US'],
    ['united kingdom', 'GB'],
    ['Côte d’Ivoire', 'CI'],
    ['Deutschland', undefined],
    ['EU', undefined],
    ['ZZ', undefined],
    ['QQ', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s', (text, code) => {
    expect(countryCode(text)).toBe(code);
  });
});
