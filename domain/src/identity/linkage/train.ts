/**
 * The order of training is law: (1) how likely a match is, from sure rules over all pairs; (2) what strangers look like, from
 * random pairs, held fixed from then on; (3) what matches look like, one run per training block without the columns that the
 * block forces, averaged. Any freer order drifts until everything is a match.
 */
import { seededChance } from '../../shared/index.js';
import {
  learnMatches,
  ownBlocks,
  tellingBlocks,
  usualMatches,
  type TrainingRun,
} from './matches.js';
import { independent, learnBase, learnNonMatch } from './non-match.js';
import { PairLevels } from './pair-levels.js';
import { firstPrior, secondPrior } from './prior.js';
import { sureRules } from './rules.js';
import { PairScorer, probabilityOf, type PairModel } from './score.js';
import type { Steps } from './steps.js';
import type { LinkageTable } from './table.js';

export interface LinkageModel extends PairModel {
  readonly training: readonly TrainingRun[];
}

export interface TrainOptions {
  readonly seed?: number;
}

/**
 * What matches look like is learnt twice: first where the block forces something of a person's own, because there no household
 * is in the way; with that, households are told from matches; and then from all blocks.
 */
export function* trainModel(table: LinkageTable, { seed = 1 }: TrainOptions): Steps<LinkageModel> {
  const chance = seededChance(seed);
  const levels = new PairLevels(table);
  const sure = sureRules(table);
  const lambda = firstPrior(table.rows, sure);
  const base = yield* learnBase({ table, levels, sure, chance });
  const usual = usualMatches(levels);
  const training = { table, levels, usual, chance };
  const first = yield* learnMatches({
    ...training,
    nonMatch: independent(base),
    blocks: ownBlocks(table),
  });
  const nonMatch = yield* learnNonMatch({ table, levels, base, m: first.m, chance });
  const { m, runs } = yield* learnMatches({ ...training, nonMatch, blocks: tellingBlocks(table) });
  const scorer = new PairScorer(table, { lambda, m, nonMatch });
  const believe = (left: number, right: number): number => probabilityOf(scorer.weigh(left, right));
  const second = yield* secondPrior({ table, sure, m, believe, chance });
  return { lambda: second, m, nonMatch, training: runs };
}
