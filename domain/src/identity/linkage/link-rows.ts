/** From rows to clusters: train, score the candidate pairs, close what is sure. */
import { visitPairs, type Blocks } from './blocks.js';
import { closeEdges } from './close-edges.js';
import { comparisonOf } from './comparisons.js';
import { planBlocks } from './rules.js';
import { PairScorer, probabilityOf, weightOf } from './score.js';
import { finish, type Steps } from './steps.js';
import type { LinkageTable } from './table.js';
import { trainModel, type LinkageModel, type TrainOptions } from './train.js';

export interface Edge {
  readonly left: number;
  readonly right: number;
  /** log2 of the odds that the two are one person */
  readonly weight: number;
}

/** Why two rows are thought to be one person, or not. Names levels, never values. */
export interface PairEvidence {
  readonly weight: number;
  readonly probability: number;
  /** by column: `exact`, `jaro_winkler_92`, …; columns that one of the two lacks are left out */
  readonly levels: Readonly<Record<string, string>>;
}

export interface Linkage {
  readonly model: LinkageModel;
  readonly candidates: number;
  /** pairs at or above the threshold, heaviest first */
  readonly edges: readonly Edge[];
  /** per row its cluster */
  readonly clusters: Int32Array;
  readonly explain: (left: number, right: number) => PairEvidence;
}

export interface LinkOptions extends TrainOptions {
  /** probability from which a pair may join two rows */
  readonly threshold?: number;
  readonly blocks?: readonly Blocks[];
  /** false for rows that somebody has declared to be two people: no cluster holds both */
  readonly mayJoin?: (left: number, right: number) => boolean;
}

export const DEFAULT_THRESHOLD = 0.95;

export function linkRows(table: LinkageTable, options: LinkOptions = {}): Linkage {
  return finish(linkInSteps(table, options));
}

export function* linkInSteps(table: LinkageTable, options: LinkOptions = {}): Steps<Linkage> {
  const { threshold = DEFAULT_THRESHOLD, mayJoin } = options;
  const blocks = options.blocks ?? (yield* planBlocks(table));
  const model = yield* trainModel(table, options);
  const scorer = new PairScorer(table, model);
  const least = weightOf(threshold);
  const edges: Edge[] = [];
  let candidates = 0;
  yield* visitPairs(blocks, (left, right) => {
    candidates += 1;
    if (!scorer.mayReach(left, right, least)) return;
    const weight = scorer.weigh(left, right);
    if (weight >= least) edges.push({ left, right, weight });
  });
  edges.sort((a, b) => b.weight - a.weight || a.left - b.left || a.right - b.right);
  const weigh = (left: number, right: number): number => scorer.weigh(left, right);
  const clusters = yield* closeEdges(table.rows, edges, { weigh, mayJoin });
  const explain = (left: number, right: number): PairEvidence =>
    evidenceOf(table, scorer, [left, right]);
  return { model, candidates, edges, clusters, explain };
}

function evidenceOf(
  { columns }: LinkageTable,
  scorer: PairScorer,
  [left, right]: readonly [number, number],
): PairEvidence {
  const weight = scorer.weigh(left, right);
  const levels = columns.flatMap(({ name, kind }, column) => {
    const level = comparisonOf(kind).levels[scorer.levels[column] ?? -1];
    return level === undefined ? [] : [[name, level] as const];
  });
  return { weight, probability: probabilityOf(weight), levels: Object.fromEntries(levels) };
}
