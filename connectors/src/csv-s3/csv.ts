/** Writes CSV as RFC 4180 has it: a header, commas, CRLF, quotes where they are needed. */
export type Cell = string | number | boolean | null;

/** What makes a spreadsheet take a text for a formula. */
const FORMULA = /^[=+\-@\t\r\0]/;

export function csvOf(rows: readonly (readonly Cell[])[], guardFormulas: boolean): string {
  return rows
    .map((row) => `${row.map((cell) => fieldOf(cell, guardFormulas)).join(',')}\r\n`)
    .join('');
}

function fieldOf(cell: Cell, guardFormulas: boolean): string {
  if (cell === null) return '';
  // A number is written as one: -5 is no formula.
  const text = typeof cell === 'string' && guardFormulas ? guarded(cell) : String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function guarded(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}
