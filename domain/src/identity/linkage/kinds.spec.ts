import { describe, expect, it } from '@jest/globals';
import { guessKind, kindOfName, kindOfWord } from './kinds.js';

const MANY = Array.from({ length: 400 }, (_, index) => index);

describe('guessKind by name', () => {
  it.each([
    ['First Name', 'given_name'],
    ['firstName', 'given_name'],
    ['Vorname', 'given_name'],
    ['prénom', 'given_name'],
    ['surname', 'family_name'],
    ['last_name', 'family_name'],
    ['Nachname', 'family_name'],
    ['apellido1', 'family_name'],
    ['name', 'full_name'],
    ['Kunde', 'full_name'],
    ['customer_name', 'full_name'],
    ['Street Number', 'number'],
    ['Straße', 'address'],
    ['address_2', 'address'],
    ['address.city', 'town'],
    ['address.postalCode', 'postcode'],
    ['PLZ', 'postcode'],
    ['soc_sec_id', 'id'],
    ['state', 'category'],
    ['Gender', 'category'],
    ['Handy', 'phone'],
  ])('%s is a %s', (name, kind) => {
    const values = MANY.map((n) => `value ${n % 300}`);
    expect(guessKind(name, values, 1_000)).toBe(kind);
    expect(kindOfWord(name)).toBe(kind);
  });

  it.each(['id', 'rec_id', 'unique_id', 'cluster', 'row', 'created_at', 'entity_id'])(
    '%s says nothing about who somebody is',
    (name) => {
      expect(guessKind(name, MANY.map(String), 1_000)).toBeNull();
      expect(kindOfName(name)).toBeNull();
    },
  );

  it('knows its own words', () => {
    expect(kindOfWord('given_name')).toBe('given_name');
    expect(kindOfWord('id')).toBe('id');
    expect(kindOfWord('dob')).toBe('date');
    expect(kindOfWord('favourite colour')).toBeNull();
  });
});

describe('guessKind by values', () => {
  it.each<[string, (n: number) => string]>([
    ['email', (n) => `p${n}@example.com`],
    ['date', (n) => `19${10 + (n % 80)}-0${1 + (n % 9)}-1${n % 9}`],
    ['category', (n) => ['red', 'green', 'blue'][n % 3] ?? ''],
    ['postcode', (n) => String(10_000 + (n % 100))],
    ['phone', (n) => `+49 30 ${1_000_000 + n}`],
    ['id', (n) => `AB${1_000_000 + n}`],
    [
      'full_name',
      (n) => `Name${String.fromCharCode(97 + (n % 26))} Other${String.fromCharCode(97 + (n % 24))}`,
    ],
    ['text', (n) => `some words 7 ${String.fromCharCode(97 + (n % 26)).repeat(1 + (n % 7))}`],
  ])('finds %s', (kind, valueOf) => {
    const values = [...new Set(MANY.map(valueOf))];
    expect(guessKind('column 7', values, 1_000)).toBe(kind);
  });

  it('does not believe a name that the values deny', () => {
    expect(
      guessKind(
        'date',
        MANY.map((n) => `word${n} and more`),
        1_000,
      ),
    ).toBe('text');
  });

  it('leaves out what no two rows share, and what all do', () => {
    expect(
      guessKind(
        'x',
        MANY.map((n) => `K${100_000 + n}`),
        MANY.length,
      ),
    ).toBeNull();
    expect(guessKind('x', ['same'], 400)).toBeNull();
  });
});
