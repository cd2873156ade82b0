/** Whether people have become others than the model was taught with: the population stability index, feature by feature. */
import { cutsBelow, cutsOf } from './bins.js';
import { levelsOf, sortedNumbers } from './feature-table.js';
import type { FeatureColumn, FeatureTable } from './types.js';

/** How a feature was spread when the model learnt it; kept beside the model. The first share is that of missing values. */
export type FeatureSpread =
  | {
      readonly kind: 'number';
      readonly name: string;
      readonly cuts: readonly number[];
      readonly shares: readonly number[];
    }
  | {
      readonly kind: 'category';
      readonly name: string;
      readonly levels: readonly string[];
      readonly shares: readonly number[];
    };

export type DriftLevel = 'stable' | 'shifting' | 'drifted';

export interface Drift {
  readonly feature: string;
  readonly psi: number;
  readonly level: DriftLevel;
}

const SCORE = 'score';
const BINS = 10;
/** An empty bin would make the index infinite. */
const LEAST_SHARE = 1e-4;

/** Of all features, and of the scores as one more. */
export function spreadsOf(table: FeatureTable, scores: Float64Array): FeatureSpread[] {
  const score: FeatureColumn = { kind: 'number', name: SCORE, values: scores };
  return [...table.columns, score].map((column) => {
    if (column.kind === 'category') {
      const levels = levelsOf(column.values);
      return { kind: 'category', name: column.name, levels, shares: sharesOf(column, { levels }) };
    }
    const cuts = cutsOf(sortedNumbers(column.values), BINS);
    return { kind: 'number', name: column.name, cuts, shares: sharesOf(column, { cuts }) };
  });
}

function sharesOf(
  column: FeatureColumn,
  { cuts = [], levels = [] }: { cuts?: readonly number[]; levels?: readonly string[] },
): number[] {
  const counts = new Array<number>(2 + Math.max(cuts.length, levels.length)).fill(0);
  const count = (bin: number): void => {
    counts[bin] = (counts[bin] ?? 0) + 1;
  };
  // Missing first; levels nobody had seen last.
  if (column.kind === 'number')
    for (const value of column.values) count(Number.isNaN(value) ? 0 : 1 + cutsBelow(cuts, value));
  else {
    const places = new Map(levels.map((level, at) => [level, at + 1]));
    for (const value of column.values)
      count(value === null ? 0 : (places.get(value) ?? levels.length + 1));
  }
  return counts.map((each) => each / Math.max(1, column.values.length));
}

/** Σ (now − then) · ln(now / then): below .1 the same people, above .25 others. */
export function stabilityIndex(then: readonly number[], now: readonly number[]): number {
  return then.reduce((sum, each, at) => {
    const before = Math.max(LEAST_SHARE, each);
    const after = Math.max(LEAST_SHARE, now[at] ?? 0);
    return sum + (after - before) * Math.log(after / before);
  }, 0);
}

/** The most drifted first. A feature that is gone counts as missing everywhere. */
export function driftOf(
  spreads: readonly FeatureSpread[],
  table: FeatureTable,
  scores: Float64Array,
): Drift[] {
  const score: FeatureColumn = { kind: 'number', name: SCORE, values: scores };
  const columns = new Map([...table.columns, score].map((column) => [column.name, column]));
  return spreads
    .map((spread) => {
      const column = columns.get(spread.name) ?? allMissing(spread.name, table.rows);
      const psi = stabilityIndex(spread.shares, sharesOf(sameKind(spread, column), spread));
      return { feature: spread.name, psi, level: levelOfIndex(psi) };
    })
    .sort((p, q) => q.psi - p.psi || (p.feature < q.feature ? -1 : 1));
}

function allMissing(name: string, rows: number): FeatureColumn {
  return { kind: 'number', name, values: new Float64Array(rows).fill(Number.NaN) };
}

/** What was text and holds numbers now (or the other way round) can only be counted as what the model takes it for. */
function sameKind({ kind, name }: FeatureSpread, column: FeatureColumn): FeatureColumn {
  if (kind === column.kind) return column;
  if (column.kind === 'category') return allMissing(name, column.values.length);
  return {
    kind: 'category',
    name,
    values: Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value))),
  };
}

function levelOfIndex(psi: number): DriftLevel {
  if (psi >= 0.25) return 'drifted';
  return psi >= 0.1 ? 'shifting' : 'stable';
}
