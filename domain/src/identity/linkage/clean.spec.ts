import { describe, expect, it } from '@jest/globals';
import { cleanValue, fold, writesDayFirst } from './clean.js';
import type { ColumnKind } from './kinds.js';

describe('fold', () => {
  it.each([
    ['  José  María ', 'jose maria'],
    ['Müller-Lüdenscheidt', 'muller ludenscheidt'],
    ['STRAẞE', 'strasse'],
    ["O'Brien", 'obrien'],
    ['Łukasz Søren', 'lukasz soren'],
    ['Мария', 'мария'],
    ['鈴木', '鈴木'],
  ])('%s becomes %s', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });
});

describe('cleanValue', () => {
  it.each<[ColumnKind, string, string | null]>([
    ['given_name', ' Ada ', 'ada'],
    ['given_name', 'N/A', null],
    ['given_name', '', null],
    ['id', '180-49 74', '1804974'],
    ['id', '0000000', null],
    ['email', ' Ada+News@Example.COM ', 'ada@example.com'],
    ['email', 'no address', 'noaddress'],
    ['phone', '+49 (30) 123-45-67', '301234567'],
    ['phone', '030 1234567', '301234567'],
    ['phone', '12', null],
    ['date', '1971-06-24', '19710624'],
    ['date', '19710624', '19710624'],
    ['date', '24.6.1971', '19710624'],
    ['date', '6/24/1971', '19710624'],
    ['date', '24 June 1971', '19710624'],
    ['date', 'Jun 24, 1971', '19710624'],
    ['date', '1971-06-24T00:00:00Z', '19710624'],
    ['date', '3/4/1971', '19710304'],
    ['date', '1971', '1971'],
    ['postcode', 'SW1A 1AA', 'sw1a1aa'],
    ['address', '12 Main Street, Apartment 4', '12 main st apt 4'],
    ['town', 'Saint-Étienne', 'saint etienne'],
  ])('%s %s becomes %s', (kind, raw, cleaned) => {
    expect(cleanValue(kind, raw, false)).toBe(cleaned);
  });

  it('reads the day first where the column does', () => {
    expect(cleanValue('date', '3/4/1971', true)).toBe('19710403');
    expect(writesDayFirst(['3/4/1971', '24/4/1971'])).toBe(true);
    expect(writesDayFirst(['3/4/1971', '4/24/1971'])).toBe(false);
    expect(writesDayFirst(['1971-06-24'])).toBe(true);
  });

  it('changes nothing the second time', () => {
    for (const kind of ['email', 'phone', 'address', 'full_name', 'postcode'] as const) {
      for (const raw of ['Ada+x@Example.com', '+49 30 1234567', '12 Main Street', "O'Brien É"]) {
        const once = cleanValue(kind, raw, false);
        if (once !== null) expect(cleanValue(kind, once, false)).toBe(once);
      }
    }
  });
});
