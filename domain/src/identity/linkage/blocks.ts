/**
 * Blocking: a union of equi-joins over keys. A pair is visited once, by the first rule that makes it; that is told from the
 * rows' keys alone, so that no list of pairs is ever kept.
 */
import { finish, PAIRS_PER_STEP, type Steps } from './steps.js';

export interface BlockRule {
  readonly name: string;
  /** columns that a pair of this rule agrees on because of the rule */
  readonly forces: readonly number[];
  readonly keys: Int32Array;
}

export interface Blocks extends BlockRule {
  /** rows with a key, block after block */
  readonly order: Int32Array;
  /** where each block begins in `order`; one more at the end */
  readonly starts: Int32Array;
  /** blocks of more rows are hubs, not people: they are left to the other rules */
  readonly cap: number;
  /** pairs in blocks within the cap */
  readonly pairs: number;
}

export function makeBlocks(rule: BlockRule, budget: number): Blocks {
  const sizes = blockSizes(rule.keys);
  const starts = new Int32Array(sizes.length + 1);
  for (let key = 0; key < sizes.length; key += 1)
    starts[key + 1] = (starts[key] ?? 0) + (sizes[key] ?? 0);
  const next = starts.slice();
  const order = new Int32Array(starts[sizes.length] ?? 0);
  for (let row = 0; row < rule.keys.length; row += 1) {
    const key = rule.keys[row] ?? -1;
    if (key < 0) continue;
    const at = next[key] ?? 0;
    order[at] = row;
    next[key] = at + 1;
  }
  return { ...rule, order, starts, ...capFor(sizes, budget) };
}

function blockSizes(keys: Int32Array): Int32Array {
  let most = -1;
  for (const key of keys) if (key > most) most = key;
  const sizes = new Int32Array(most + 1);
  for (const key of keys) if (key >= 0) sizes[key] = (sizes[key] ?? 0) + 1;
  return sizes;
}

/** The largest block size at which all blocks up to it stay within the budget of pairs. */
function capFor(sizes: Int32Array, budget: number): { cap: number; pairs: number } {
  const howMany = new Map<number, number>();
  for (const size of sizes) if (size > 1) howMany.set(size, (howMany.get(size) ?? 0) + 1);
  let pairs = 0;
  let cap = 1;
  for (const [size, count] of [...howMany].sort(([a], [b]) => a - b)) {
    const more = (count * size * (size - 1)) / 2;
    if (pairs + more > budget) break;
    pairs += more;
    cap = size;
  }
  return { cap, pairs };
}

export type PairVisitor = (left: number, right: number) => void;

/** Visits every pair that the rules make, each once. */
export function* visitPairs(rules: readonly Blocks[], visit: PairVisitor): Steps<undefined> {
  let sinceStop = 0;
  for (let rule = 0; rule < rules.length; rule += 1) {
    const rows = rules[rule]?.order.length ?? 0;
    for (let at = 0; at < rows; at += 1) {
      sinceStop += 1 + visitRow(rules, { rule, at }, visit);
      if (sinceStop < PAIRS_PER_STEP) continue;
      sinceStop = 0;
      yield;
    }
  }
}

export function visitAllBlocks(rules: readonly Blocks[], visit: PairVisitor): void {
  finish(visitPairs(rules, visit));
}

/** The pairs of the row at one place with the rows behind it in its block; answers how many were looked at. */
function visitRow(
  rules: readonly Blocks[],
  { rule, at }: { readonly rule: number; readonly at: number },
  visit: PairVisitor,
): number {
  const blocks = rules[rule];
  if (blocks === undefined) return 0;
  const { order, starts, keys, cap } = blocks;
  const left = order[at] ?? 0;
  const key = keys[left] ?? 0;
  const end = starts[key + 1] ?? 0;
  if (end - (starts[key] ?? 0) > cap) return 0;
  for (let other = at + 1; other < end; other += 1) {
    const right = order[other] ?? 0;
    if (!isMadeBefore(rules, rule, left, right)) visit(left, right);
  }
  return end - at;
}

function isMadeBefore(
  rules: readonly Blocks[],
  rule: number,
  left: number,
  right: number,
): boolean {
  for (let earlier = 0; earlier < rule; earlier += 1) {
    const blocks = rules[earlier];
    if (blocks === undefined) continue;
    const key = blocks.keys[left] ?? -1;
    if (key < 0 || key !== blocks.keys[right]) continue;
    if ((blocks.starts[key + 1] ?? 0) - (blocks.starts[key] ?? 0) <= blocks.cap) return true;
  }
  return false;
}
