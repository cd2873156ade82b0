/** The levels of a pair in every column, and the patterns they make. */
import type { Blocks } from './blocks.js';
import { comparisonOf, SWAPPED, type Compare } from './comparisons.js';
import type { Patterns } from './em.js';
import { Letters } from './letters.js';
import { visitSome, type Draw } from './sampling.js';
import type { Steps } from './steps.js';
import type { LinkageColumn, LinkageTable } from './table.js';

/** Columns beyond this say little that the others do not, and a pattern has to fit into a number. */
const MOST_COLUMNS = 16;
const BASE = 8;
const MOST_CACHED = 1_500;

interface Compared {
  readonly codes: Int32Array;
  readonly compare: Compare;
  readonly distinct: number;
  /** level + 1 per pair of values, where there are few */
  readonly cache: Uint8Array | null;
}

type Pair = readonly [left: number, right: number];

export class PairLevels {
  readonly columns: readonly LinkageColumn[];
  private readonly compared: readonly Compared[];
  private readonly given: number;
  private readonly family: number;
  private readonly givenLetters: Letters;
  private readonly familyLetters: Letters;

  constructor({ columns }: LinkageTable) {
    this.columns = columns.slice(0, MOST_COLUMNS);
    this.compared = this.columns.map(({ kind, codes, values }) => ({
      codes,
      compare: comparisonOf(kind).prepare(values),
      distinct: values.length,
      cache: values.length <= MOST_CACHED ? new Uint8Array(values.length ** 2) : null,
    }));
    this.given = this.columns.findIndex(({ kind }) => kind === 'given_name');
    this.family = this.columns.findIndex(({ kind }) => kind === 'family_name');
    this.givenLetters = new Letters(this.columns[this.given]?.values ?? []);
    this.familyLetters = new Letters(this.columns[this.family]?.values ?? []);
  }

  /** Writes the level of each column; -1 where either value is missing. */
  read(left: number, right: number, levels: Int8Array): void {
    for (let index = 0; index < this.compared.length; index += 1) {
      levels[index] = this.readOne(index, left, right);
    }
    this.noteSwap(left, right, levels);
  }

  /** The same for a few columns; given and family name only together. */
  readSome(columns: readonly number[], [left, right]: Pair, levels: Int8Array): void {
    for (const index of columns) levels[index] = this.readOne(index, left, right);
    if (columns.includes(this.given)) this.noteSwap(left, right, levels);
  }

  isMissing(column: number, left: number, right: number): boolean {
    const codes = this.compared[column]?.codes;
    return (codes?.[left] ?? -1) < 0 || (codes?.[right] ?? -1) < 0;
  }

  private readOne(index: number, left: number, right: number): number {
    const column = this.compared[index];
    if (column === undefined) return -1;
    return levelOf(column, column.codes[left] ?? -1, column.codes[right] ?? -1);
  }

  /** Given and family name that changed places agree once, not twice and not never. */
  private noteSwap(left: number, right: number, levels: Int8Array): void {
    const { given, family } = this;
    if (given < 0 || family < 0 || (levels[given] ?? 0) < 3 || (levels[family] ?? 0) < 2) return;
    if (!this.areCrossed(left, right)) return;
    levels[given] = SWAPPED;
    levels[family] = -1;
  }

  private areCrossed(left: number, right: number): boolean {
    const [givens, families] = [this.columns[this.given]?.codes, this.columns[this.family]?.codes];
    const [givenLeft, givenRight] = [givens?.[left] ?? -1, givens?.[right] ?? -1];
    const [familyLeft, familyRight] = [families?.[left] ?? -1, families?.[right] ?? -1];
    if (givenLeft < 0 || givenRight < 0 || familyLeft < 0 || familyRight < 0) return false;
    return (
      this.givenLetters.band(givenLeft, this.familyLetters, familyRight) === 0 &&
      this.givenLetters.band(givenRight, this.familyLetters, familyLeft) === 0
    );
  }
}

function levelOf({ compare, distinct, cache }: Compared, left: number, right: number): number {
  if (left < 0 || right < 0) return -1;
  if (left === right) return 0;
  if (cache === null) return compare(left, right);
  const at = left * distinct + right;
  const known = cache[at] ?? 0;
  if (known > 0) return known - 1;
  const level = compare(left, right);
  cache[at] = level + 1;
  return level;
}

/** Counts how often each combination of levels occurs: far fewer than pairs. */
export class PatternCounter {
  private readonly counts = new Map<number, number>();

  constructor(private readonly columns: number) {}

  add(levels: Int8Array, weight = 1): void {
    const key = patternKey(levels);
    this.counts.set(key, (this.counts.get(key) ?? 0) + weight);
  }

  patterns(): Patterns {
    const { columns } = this;
    const levels = new Int8Array(this.counts.size * columns);
    let at = 0;
    for (const key of this.counts.keys()) {
      let rest = key;
      for (let column = columns - 1; column >= 0; column -= 1) {
        levels[at + column] = (rest % BASE) - 1;
        rest = Math.floor(rest / BASE);
      }
      at += columns;
    }
    return { columns, levels, counts: Float64Array.from(this.counts.values()) };
  }
}

/** Exact for up to 17 columns: 8 levels with the missing one. */
function patternKey(levels: Int8Array): number {
  let key = 0;
  for (const level of levels) key = key * BASE + level + 1;
  return key;
}

export interface PatternSource {
  readonly blocks: Blocks;
  /** columns that agree because of the blocks: they say nothing here */
  readonly forces: readonly number[];
  readonly draw: Draw;
}

/** The patterns of pairs drawn from a block, and of how many. */
export function* countPatterns(
  levels: PairLevels,
  { blocks, forces, draw }: PatternSource,
): Steps<{ patterns: Patterns; pairs: number }> {
  const counter = new PatternCounter(levels.columns.length);
  const buffer = new Int8Array(levels.columns.length);
  const pairs = yield* visitSome(blocks, draw, (left, right) => {
    levels.read(left, right, buffer);
    for (const column of forces) buffer[column] = -1;
    counter.add(buffer);
  });
  return { patterns: counter.patterns(), pairs };
}
