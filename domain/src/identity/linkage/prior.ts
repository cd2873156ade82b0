/**
 * How likely two rows are one person before anything is compared: pairs that a sure rule joins, over the share of all matches
 * that such rules find, over all pairs.
 */
import { visitAllBlocks, visitPairs, type Blocks } from './blocks.js';
import type { LevelTable } from './em.js';
import type { Steps } from './steps.js';
import type { LinkageTable } from './table.js';

/** Until it is known how often matches agree. */
const ASSUMED_RECALL = 0.7;

export function firstPrior(rows: number, sure: readonly Blocks[]): number {
  return priorOf(rows, countPairs(sure) / ASSUMED_RECALL);
}

export interface SecondPriorInput {
  readonly table: LinkageTable;
  readonly sure: readonly Blocks[];
  readonly m: LevelTable;
  /** probability, by the model so far, that a pair of a sure rule is a match: a shared mailbox is not */
  readonly believe: (left: number, right: number) => number;
  readonly chance: () => number;
}

const PAIRS_BELIEVED = 50_000;

/** The same with what the model has learnt: which sure pairs are hubs, and how many matches no sure rule can find. */
export function* secondPrior({ table, sure, m, believe, chance }: SecondPriorInput): Steps<number> {
  const share = Math.min(1, PAIRS_BELIEVED / Math.max(countPairs(sure), 1));
  let matches = 0;
  yield* visitPairs(sure, (left, right) => {
    if (share === 1 || chance() < share) matches += believe(left, right);
  });
  return priorOf(table.rows, matches / share / recallOf(table, sure, m, chance));
}

function countPairs(sure: readonly Blocks[]): number {
  let pairs = 0;
  visitAllBlocks(sure, () => {
    pairs += 1;
  });
  return pairs;
}

function priorOf(rows: number, matches: number): number {
  const all = Math.max((rows * (rows - 1)) / 2, 2);
  return Math.min(0.5, Math.max(matches, 1) / all);
}

const DRAWS = 5_000;
const LOWEST_RECALL = 0.1;

/** Drawn matches: each column agrees exactly as often as matches do, and is there as often as in the table. */
function recallOf(
  { columns, rows }: LinkageTable,
  sure: readonly Blocks[],
  m: LevelTable,
  chance: () => number,
): number {
  const exact = columns.map(({ present }, index) => (present / rows) ** 2 * (m[index]?.[0] ?? 0));
  let found = 0;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const agrees = exact.map((probability) => chance() < probability);
    if (sure.some(({ forces }) => forces.every((column) => agrees[column] === true))) found += 1;
  }
  return Math.max(LOWEST_RECALL, found / DRAWS);
}
