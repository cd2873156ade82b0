import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvOf, type Cell } from './csv.js';

/** Reads CSV by the grammar of RFC 4180, and nothing more lenient. */
function parsed(text: string): string[][] {
  const rows: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (match === null) throw new SyntaxError('no CSV');
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe('writing CSV', () => {
  it.each<[string, Cell, string]>([
    ['plain text', 'Ada', 'Ada'],
    ['a comma', 'Lovelace, Ada', '"Lovelace, Ada"'],
    ['quotes', 'the "first"', '"the ""first"""'],
    ['lines', 'a\nb\r\nc', '"a\nb\r\nc"'],
    ['space around', ' a ', '" a "'],
    ['nothing', null, ''],
    ['a number', -1.5, '-1.5'],
    ['a truth', true, 'true'],
    ['other scripts', 'Ångström 北京 😀', 'Ångström 北京 😀'],
  ])('%s', (_name, cell, expected) => {
    expect(csvOf([[cell]], true)).toBe(`${expected}\r\n`);
  });

  it.each(['=1+1', '+49151', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '\0=1'])(
    'keeps a spreadsheet from calculating %j, unless it is told not to',
    (text) => {
      expect(parsed(csvOf([[text]], true))).toEqual([[`'${text}`]]);
      expect(parsed(csvOf([[text]], false))).toEqual([[text]]);
    },
  );

  it('is read as what was written, whatever that was', () => {
    const table = fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }));
    fc.assert(
      fc.property(table, (rows) => {
        expect(parsed(csvOf(rows, false))).toEqual(rows);
      }),
    );
  });

  it('never lets a text begin like a formula', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\0'),
        fc.string(),
        (first, rest) => {
          expect(parsed(csvOf([[`${first}${rest}`, 'x']], true))[0]?.[0]).toBe(`'${first}${rest}`);
        },
      ),
    );
  });
});
