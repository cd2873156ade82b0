/** What pairs of one person look like: one run of EM per training block, without the columns that the block forces. */
import { makeBlocks } from './blocks.js';
import { comparisonOf } from './comparisons.js';
import { fitMixture, shares, type LevelTable } from './em.js';
import { logNonMatch, ownColumns, type NonMatch } from './non-match.js';
import { countPatterns, type PairLevels } from './pair-levels.js';
import { exactRule } from './rules.js';
import type { Steps } from './steps.js';
import type { LinkageTable } from './table.js';

export interface TrainingRun {
  readonly block: string;
  readonly pairs: number;
  /** share of the block's pairs that are matches */
  readonly lambda: number;
  readonly rounds: number;
}

export interface MatchInput {
  readonly table: LinkageTable;
  readonly levels: PairLevels;
  readonly nonMatch: NonMatch;
  readonly usual: LevelTable;
  /** columns that each training block forces */
  readonly blocks: readonly (readonly number[])[];
  readonly chance: () => number;
}

const PAIRS_PER_BLOCK = 30_000;
const ENOUGH_MATCHES = 20;
const PRIOR_PAIRS = 10;

export function* learnMatches(input: MatchInput): Steps<{ m: LevelTable; runs: TrainingRun[] }> {
  const sums = input.usual.map((levels) => new Float64Array(levels.length));
  const runs: TrainingRun[] = [];
  for (const forces of input.blocks) {
    const run = yield* trainOn(input, forces);
    if (run === null) continue;
    runs.push(run.told);
    for (const [column, sum] of sums.entries()) {
      if (forces.includes(column)) continue;
      for (const [level, probability] of (run.m[column] ?? sum).entries()) {
        sum[level] = (sum[level] ?? 0) + probability;
      }
    }
  }
  const m = sums.map((sum, column) =>
    sum.some((value) => value > 0) ? shares(sum) : (input.usual[column] ?? sum),
  );
  return { m, runs };
}

function* trainOn(
  { table, levels, nonMatch, usual, chance }: MatchInput,
  forces: readonly number[],
): Steps<{ m: LevelTable; told: TrainingRun } | null> {
  const blocks = makeBlocks(exactRule(table, forces), Number.POSITIVE_INFINITY);
  const draw = { wanted: PAIRS_PER_BLOCK, chance };
  const { patterns, pairs } = yield* countPatterns(levels, { blocks, forces, draw });
  if (pairs < ENOUGH_MATCHES) return null;
  const { mixture, rounds } = fitMixture(patterns, {
    start: { lambda: 0.3, m: usual, u: nonMatch.base },
    free: { lambda: true, m: true, u: false },
    logNonMatch: logNonMatch(nonMatch, patterns, forces),
    prior: PRIOR_PAIRS,
    rounds: 100,
    tolerance: 1e-7,
  });
  const { lambda, m } = mixture;
  if (lambda * pairs < ENOUGH_MATCHES) return null;
  return { m, told: { block: blocks.name, pairs, lambda, rounds } };
}

/** Where training starts, and what stays where nothing could be learnt: mostly equal, sometimes nearly, rarely not. */
export function usualMatches({ columns }: PairLevels): LevelTable {
  return columns.map(({ kind }) => {
    const last = comparisonOf(kind).levels.length - 1;
    return shares(
      Float64Array.from({ length: last + 1 }, (_, level) => {
        if (level === 0) return 0.8;
        return level === last ? 0.08 : 0.12 / (last - 1);
      }),
    );
  });
}

/** Columns that tell people apart, one by one, and the full name. */
export function tellingBlocks({ columns }: LinkageTable): number[][] {
  const singles = columns.flatMap(({ kind, present, values }, index) => {
    const isRough = kind === 'category' || kind === 'number' || kind === 'town';
    return isRough || values.length <= present / 100 ? [] : [[index]];
  });
  const given = columns.findIndex(({ kind }) => kind === 'given_name');
  const family = columns.findIndex(({ kind }) => kind === 'family_name');
  return given >= 0 && family >= 0 ? [...singles, [given, family]] : singles;
}

export function ownBlocks({ columns }: LinkageTable): number[][] {
  return ownColumns(columns).flatMap((isOwn, index) => (isOwn ? [[index]] : []));
}
