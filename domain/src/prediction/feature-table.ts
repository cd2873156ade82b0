/** People to columns of features and back; how columns become numbers that a model can weigh. */
import type {
  FeatureCoding,
  FeatureColumn,
  FeatureRow,
  FeatureTable,
  FeatureValue,
  LabelledTable,
} from './types.js';

/** Columns in the order of their names. One that ever holds text is a category; numbers in it are levels too. */
export function tableOf(rows: readonly FeatureRow[]): FeatureTable {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].sort();
  return { rows: rows.length, columns: names.map((name) => columnOf(name, rows)) };
}

function columnOf(name: string, rows: readonly FeatureRow[]): FeatureColumn {
  if (rows.some((row) => typeof row[name] === 'string'))
    return { kind: 'category', name, values: rows.map((row) => levelOf(row[name])) };
  return { kind: 'number', name, values: Float64Array.from(rows, (row) => numberOf(row[name])) };
}

export function numberOf(value: FeatureValue | undefined): number {
  return typeof value === 'number' ? value : Number.NaN;
}

export function levelOf(value: FeatureValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

export function rowAt({ columns }: FeatureTable, at: number): FeatureRow {
  const row: Record<string, FeatureValue> = {};
  for (const column of columns)
    if (column.kind === 'category') row[column.name] = column.values[at] ?? null;
    else {
      const value = column.values[at] ?? Number.NaN;
      row[column.name] = Number.isNaN(value) ? null : value;
    }
  return row;
}

/** The rows that are asked for, in their order. */
export function rowsOf({ columns }: FeatureTable, wanted: readonly number[]): FeatureTable {
  return {
    rows: wanted.length,
    columns: columns.map((column) =>
      column.kind === 'number'
        ? { ...column, values: Float64Array.from(wanted, (at) => column.values[at] ?? Number.NaN) }
        : { ...column, values: wanted.map((at) => column.values[at] ?? null) },
    ),
  };
}

export function labelledRows(
  { table, labels }: LabelledTable,
  wanted: readonly number[],
): LabelledTable {
  return {
    table: rowsOf(table, wanted),
    labels: Uint8Array.from(wanted, (at) => labels[at] ?? 0),
  };
}

const MOST_LEVELS = 40;

/** The most frequent levels first; ties by name, so that the same rows give the same order. The label is not looked at. */
export function levelsOf(values: readonly (string | null)[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort(([one, n], [two, m]) => m - n || (one < two ? -1 : 1))
    .slice(0, MOST_LEVELS)
    .map(([level]) => level);
}

export function sortedNumbers(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort();
}

/** Learns means and levels from these rows and no others. */
export function codingsOf(table: FeatureTable): FeatureCoding[] {
  return table.columns.map((column) => {
    if (column.kind === 'category')
      return { kind: 'category', name: column.name, levels: levelsOf(column.values) };
    const sorted = sortedNumbers(column.values);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const filled = column.values.map((value) => (Number.isNaN(value) ? median : value));
    const mean = filled.reduce((sum, each) => sum + each, 0) / Math.max(1, filled.length);
    const variance =
      filled.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, filled.length);
    const hasMissing = sorted.length < column.values.length;
    const deviation = Math.sqrt(variance);
    return { kind: 'number', name: column.name, mean, deviation, median, hasMissing };
  });
}

/** How many numbers a coding makes of one value. */
export function widthOf(coding: FeatureCoding): number {
  if (coding.kind === 'category') return coding.levels.length;
  return coding.hasMissing ? 2 : 1;
}

/** Writes what a coding makes of a value: standardised, and whether it was missing; or one of the levels. */
export function encodeInto(
  target: Float64Array,
  from: number,
  [coding, value]: readonly [FeatureCoding, FeatureValue | undefined],
): void {
  if (coding.kind === 'category') {
    const level = levelOf(value);
    coding.levels.forEach((each, at) => {
      target[from + at] = each === level ? 1 : 0;
    });
    return;
  }
  const number = numberOf(value);
  const missing = Number.isNaN(number);
  const apart = (missing ? coding.median : number) - coding.mean;
  target[from] = coding.deviation > 0 ? apart / coding.deviation : 0;
  if (coding.hasMissing) target[from + 1] = missing ? 1 : 0;
}
