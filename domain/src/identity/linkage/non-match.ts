/**
 * What pairs of different people look like. Columns of strangers are not independent: people of one household share address,
 * phone and surname, people of one town the postcode. So a column's levels are known twice: in general, and among pairs that
 * already agree on another column. Without the second, a family becomes one person.
 */
import { visitRandomPairs } from './sampling.js';
import { fitMixture, shares, type LevelTable, type Patterns } from './em.js';
import { comparisonOf } from './comparisons.js';
import { makeBlocks, type Blocks } from './blocks.js';
import { exactRule } from './rules.js';
import { countPatterns, type PairLevels } from './pair-levels.js';
import type { ColumnKind } from './kinds.js';
import type { Steps } from './steps.js';
import type { LinkageTable } from './table.js';

const { log, max, min } = Math;

export interface NonMatch {
  readonly base: LevelTable;
  /** given[a][b]: levels of column b among pairs that agree on a; null where too few pairs showed it */
  readonly given: readonly (LevelTable | null)[];
  /** columns from the most telling to the least: each is seen in the light of those before it */
  readonly order: readonly number[];
}

/** A person's own: who else lives at the address says nothing about them, and they say nothing about who else lives there. */
const OWN_KINDS: ReadonlySet<ColumnKind> = new Set(['given_name', 'full_name', 'date', 'id']);

/** Where no column is known to be a person's own, free text has to do. */
export function ownColumns(columns: readonly { readonly kind: ColumnKind }[]): boolean[] {
  const own = columns.map(({ kind }) => OWN_KINDS.has(kind));
  return own.includes(true) ? own : columns.map(({ kind }) => kind === 'text');
}
const RANDOM_PAIRS = 250_000;
const USUAL_PAIRS = 25;
const USUALLY_EQUAL: Readonly<Record<ColumnKind, number>> = {
  id: 0.0001,
  given_name: 0.005,
  family_name: 0.003,
  full_name: 0.0002,
  email: 0.0001,
  phone: 0.0001,
  date: 0.0005,
  postcode: 0.005,
  address: 0.0005,
  number: 0.02,
  town: 0.03,
  category: 0.3,
  text: 0.01,
};
const ENOUGH_PAIRS = 50;
const PAIRS_PER_COLUMN = 20_000;
const PRIOR_SHARE = 0.05;
const PRIOR_PAIRS = 20;

export interface BaseInput {
  readonly table: LinkageTable;
  readonly levels: PairLevels;
  readonly sure: readonly Blocks[];
  readonly chance: () => number;
}

/** Pairs that a sure rule joins are no strangers; in a small table they would make up most of what agrees by chance. */
export function* learnBase({ table, levels, sure, chance }: BaseInput): Steps<LevelTable> {
  const sums = levels.columns.map(({ kind }) =>
    usualStrangers(kind).map((share) => share * USUAL_PAIRS),
  );
  const buffer = new Int8Array(sums.length);
  const draw = { wanted: RANDOM_PAIRS, chance };
  yield* visitRandomPairs(table.rows, draw, (left, right) => {
    if (sure.some(({ keys }) => (keys[left] ?? -1) >= 0 && keys[left] === keys[right])) return;
    levels.read(left, right, buffer);
    for (const [column, sum] of sums.entries()) {
      const level = buffer[column] ?? -1;
      if (level >= 0) sum[level] = (sum[level] ?? 0) + 1;
    }
  });
  return sums.map(shares);
}

/** What counts until there are data: a shop of ten customers has too few pairs to learn from. */
function usualStrangers(kind: ColumnKind): Float64Array {
  const last = comparisonOf(kind).levels.length - 1;
  const exact = USUALLY_EQUAL[kind];
  const near = min(exact, 0.01);
  return Float64Array.from({ length: last + 1 }, (_, level) => {
    if (level === 0) return exact;
    return level === last ? 1 - exact - near * (last - 1) : near;
  });
}

export interface NonMatchInput {
  readonly table: LinkageTable;
  readonly levels: PairLevels;
  readonly base: LevelTable;
  readonly m: LevelTable;
  readonly chance: () => number;
}

/** Among pairs that agree on one column, matches are told apart by the m given here, and only the others are learnt. */
export function* learnNonMatch(input: NonMatchInput): Steps<NonMatch> {
  const { levels, base } = input;
  const given: (LevelTable | null)[] = [];
  for (const [index, { kind }] of levels.columns.entries()) {
    // What a birthday or a number explains, it explains because the two are one person.
    given.push(kind === 'date' || kind === 'id' ? null : yield* learnInLightOf(input, index));
  }
  const order = base
    .map((_, index) => index)
    .sort((a, b) => (base[a]?.[0] ?? 0) - (base[b]?.[0] ?? 0));
  return { base, given, order };
}

function* learnInLightOf(input: NonMatchInput, light: number): Steps<LevelTable | null> {
  const { table, levels, base, m, chance } = input;
  const blocks = makeBlocks(exactRule(table, [light]), Number.POSITIVE_INFINITY);
  const draw = { wanted: PAIRS_PER_COLUMN, chance };
  const { patterns, pairs } = yield* countPatterns(levels, { blocks, forces: [light], draw });
  if (pairs < ENOUGH_PAIRS) return null;
  const pinned = ownColumns(levels.columns);
  const u = base.map((levelsOf, column) =>
    pinned[column] === true ? levelsOf : halfWay(levelsOf, m[column]),
  );
  const { mixture } = fitMixture(patterns, {
    start: { lambda: 0.5, m, u },
    pinned,
    free: { lambda: true, m: false, u: true },
    prior: PRIOR_PAIRS + PRIOR_SHARE * pairs,
    rounds: 60,
    tolerance: 1e-7,
  });
  return mixture.u;
}

/** Between strangers in general and one person: from here either is found. */
function halfWay(u: Float64Array, m: Float64Array | undefined): Float64Array {
  return u.map((value, level) => (value + (m?.[level] ?? value)) / 2);
}

export function independent(base: LevelTable): NonMatch {
  return { base, given: base.map(() => null), order: base.map((_, index) => index) };
}

/** The column in whose light each column is to be seen, -1 for none: the agreeing one that explains most. */
export function lightOf(
  { base, given, order }: NonMatch,
  levels: Int8Array,
  forced: readonly number[],
  lights: Int8Array,
): void {
  lights.fill(-1);
  for (let at = 0; at < order.length; at += 1) {
    const column = order[at] ?? 0;
    let most = base[column]?.[0] ?? 0;
    for (let before = 0; before < order.length; before += 1) {
      const other = order[before] ?? 0;
      const isForced = forced.includes(other);
      if (
        other === column ||
        (before > at && !isForced) ||
        !(isForced || agrees(levels[other] ?? -1))
      )
        continue;
      const explained = given[other]?.[column]?.[0] ?? 0;
      if (explained <= most) continue;
      most = explained;
      lights[column] = other;
    }
  }
}

/** Log probability of each pattern among non-matches; `forced` columns agree in all of them. */
export function logNonMatch(
  model: NonMatch,
  patterns: Patterns,
  forced: readonly number[],
): Float64Array {
  const { columns } = patterns;
  const lights = new Int8Array(columns);
  return patterns.counts.map((_, index) => {
    const levels = patterns.levels.subarray(index * columns, (index + 1) * columns);
    lightOf(model, levels, forced, lights);
    let sum = 0;
    for (let column = 0; column < columns; column += 1) {
      const level = levels[column] ?? -1;
      if (level < 0) continue;
      const table = model.given[lights[column] ?? -1] ?? model.base;
      sum += log(max(table[column]?.[level] ?? 0, 1e-12));
    }
    return sum;
  });
}

/** Exactly or all but a slip. */
function agrees(level: number): boolean {
  return level === 0 || level === 1;
}
