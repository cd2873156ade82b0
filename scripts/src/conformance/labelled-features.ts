/** Any labelled CSV as a table to learn from: types by looking, blanks as missing, columns that name a row left out and said. */
import type { FeatureColumn, LabelledTable } from '@throughline/domain/prediction';
import { Failure } from '../failure.js';
import { openCsv } from './csv.js';
import { dayReader } from './days.js';

export interface LabelledFeatures extends LabelledTable {
  /** the value that counts as yes */
  readonly positive: string;
  readonly dropped: readonly { readonly column: string; readonly why: string }[];
}

const YES = /^(yes|y|true|t|1|churn(ed)?|left|exited|attrited( customer)?|lost|bad|positive)\.?$/i;
const BLANKS = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?', '-']);
const DAY_MS = 86_400_000;

export async function readLabelledFeatures(
  file: string,
  label: string,
  positive?: string,
): Promise<LabelledFeatures> {
  const { names, rows } = await openCsv(file);
  const truth = names.indexOf(label);
  if (truth === -1) throw wrong(`there is no column "${label}" among ${names.join(', ')}`);
  const cells: string[][] = names.map(() => []);
  for await (const row of rows) {
    // A row without its label teaches nothing.
    if ((row[truth] ?? '') === '') continue;
    cells.forEach((column, at) => column.push(row[at] ?? ''));
  }
  const { labels, yes } = labelsOf(cells[truth] ?? [], positive);
  const columns: FeatureColumn[] = [];
  const dropped: { column: string; why: string }[] = [];
  for (const [at, name] of names.entries()) {
    if (at === truth) continue;
    const column = columnOf(name, cells[at] ?? []);
    if (typeof column === 'string') dropped.push({ column: name, why: column });
    else columns.push(column);
  }
  return { table: { rows: labels.length, columns }, labels, positive: yes, dropped };
}

function labelsOf(
  values: readonly string[],
  positive: string | undefined,
): { labels: Uint8Array; yes: string } {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const known = [...counts].sort(([, one], [, other]) => one - other);
  const yes =
    positive ??
    known.find(([value]) => YES.test(value))?.[0] ??
    (known.length === 2 ? known[0]?.[0] : undefined);
  if (yes === undefined || !counts.has(yes) || counts.size < 2)
    throw wrong('the label must have two values, or --positive must name one of them');
  return { labels: Uint8Array.from(values, (value) => (value === yes ? 1 : 0)), yes };
}

/** The column, or why it is none. */
function columnOf(name: string, cells: readonly string[]): FeatureColumn | string {
  const filled = cells.filter((cell) => !isBlank(cell));
  const distinct = new Set(filled).size;
  if (distinct < 2) return 'one value only';
  const unique = distinct > 0.95 * cells.length && cells.length >= 50;
  if (filled.every((cell) => Number.isFinite(Number(cell)))) {
    const whole = filled.every((cell) => Number.isInteger(Number(cell)));
    if (whole && unique && (namesRow(name) || isCount(filled))) return 'it names the row';
    return { kind: 'number', name, values: Float64Array.from(cells, numberOf) };
  }
  const readDay = dayReader(filled);
  if (filled.every((cell) => readDay(cell) !== undefined))
    return {
      kind: 'number',
      name,
      values: Float64Array.from(cells, (cell) => dayNumber(readDay(cell))),
    };
  if (unique) return 'it names the row';
  if (distinct > 100 && distinct > 0.3 * filled.length) return 'hardly any value comes twice';
  return { kind: 'category', name, values: cells.map((cell) => (isBlank(cell) ? null : cell)) };
}

function isBlank(cell: string): boolean {
  return BLANKS.has(cell.trim().toLowerCase());
}

function numberOf(cell: string): number {
  return isBlank(cell) ? Number.NaN : Number(cell);
}

function dayNumber(day: string | undefined): number {
  return day === undefined ? Number.NaN : Date.parse(day) / DAY_MS;
}

function namesRow(name: string): boolean {
  return (
    /(^|[ _-])(id|no|number|key|index|row)$|id$|^(row|index|unnamed)/i.test(name) || name === ''
  );
}

/** 1, 2, 3 …: the number of the row. */
function isCount(cells: readonly string[]): boolean {
  return cells.every((cell, at) => at === 0 || Number(cell) === Number(cells[at - 1]) + 1);
}

function wrong(why: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `The labelled table cannot be used: ${why}.`,
    command: 'npm run conformance -- --help',
  });
}
