import { describe, expect, it } from '@jest/globals';
import { codeOf } from './code-lines.js';

const csv = (values: readonly string[], columns: readonly string[]): unknown =>
  codeOf(JSON.stringify([7, values]), columns);
const json = (value: unknown): unknown => codeOf(JSON.stringify([7, value]), null);

describe('a line of codes', () => {
  it('is read by its column, or as the only one', () => {
    expect(csv(['x', 'A1'], ['note', 'Code'])).toEqual({ code: 'A1' });
    expect(csv([' A1 '], ['whatever'])).toEqual({ code: 'A1' });
    expect(json({ code: 'A1', more: 1 })).toEqual({ code: 'A1' });
  });

  it.each([
    ['an empty cell', csv([''], ['code'])],
    ['no such column', csv(['x', 'y'], ['a', 'b'])],
    ['a number', json({ code: 7 })],
    ['a list', json(['A1'])],
    ['markup', json({ code: '<b>A1</b>' })],
    ['Liquid', json({ code: '{{ traits }}' })],
    ['two words', json({ code: 'A 1' })],
    ['too much', json({ code: 'A'.repeat(101) })],
  ])('with %s is none, and says which', (_what, found) => {
    expect(found).toMatchObject({ line: 7 });
  });

  it('that the reader could not read keeps its word', () => {
    expect(codeOf('[3,"x","bad_row","not JSON"]', null)).toEqual({ line: 3, detail: 'not JSON' });
  });
});
