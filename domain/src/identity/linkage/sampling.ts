/** Pairs drawn by chance: from all rows, or from within blocks. */
import { visitPairs, type Blocks, type PairVisitor } from './blocks.js';
import { PAIRS_PER_STEP, type Steps } from './steps.js';

const { floor } = Math;

export interface Draw {
  readonly wanted: number;
  readonly chance: () => number;
}

/** All pairs where there are no more than wanted, else as many drawn ones. */
export function* visitRandomPairs(
  rows: number,
  { wanted, chance }: Draw,
  visit: PairVisitor,
): Steps<undefined> {
  if ((rows * (rows - 1)) / 2 <= wanted) {
    for (let left = 0; left < rows; left += 1) {
      for (let right = left + 1; right < rows; right += 1) visit(left, right);
      yield;
    }
    return;
  }
  for (let drawn = 0; drawn < wanted; drawn += 1) {
    const left = floor(chance() * rows);
    const right = floor(chance() * (rows - 1));
    visit(left, right < left ? right : right + 1);
    if (drawn % PAIRS_PER_STEP === 0) yield;
  }
}

/**
 * Pairs of a block, all or as many as wanted; answers how many. Every row's chance is the same, so that a hub of a thousand rows
 * does not speak for all agreeing pairs.
 */
export function* visitSome(
  blocks: Blocks,
  { wanted, chance }: Draw,
  visit: PairVisitor,
): Steps<number> {
  if (blocks.pairs <= wanted) {
    yield* visitPairs([blocks], visit);
    return blocks.pairs;
  }
  const { order, keys, starts } = blocks;
  let seen = 0;
  for (let tries = 0; seen < wanted && tries < 20 * wanted; tries += 1) {
    if (tries % PAIRS_PER_STEP === 0) yield;
    const left = order[floor(chance() * order.length)] ?? 0;
    const key = keys[left] ?? 0;
    const from = starts[key] ?? 0;
    const size = (starts[key + 1] ?? 0) - from;
    const right = order[from + floor(chance() * size)] ?? 0;
    if (size < 2 || size > blocks.cap || right === left) continue;
    visit(left, right);
    seen += 1;
  }
  return seen;
}
