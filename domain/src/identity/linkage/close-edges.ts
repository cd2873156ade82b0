/**
 * Clusters from edges. One false edge joins two people and a few chain whole streets, so before two clusters become one all
 * pairs between them are weighed, also those that no block made: on average they have to speak for it.
 */
import { UnionFind } from './clusters.js';
import type { Edge } from './link-rows.js';
import { PAIRS_PER_STEP, type Steps } from './steps.js';

const { ceil, floor, max } = Math;

/** Bits: below the line between match and not, because one of several rows may be badly spoilt. */
const LEAST_MEAN = -3;
const MOST_WEIGHED = 100;

export interface Closing {
  readonly weigh: (left: number, right: number) => number;
  readonly mayJoin?: ((left: number, right: number) => boolean) | undefined;
}

/** The edges come heaviest first. Answers each row's cluster. */
export function* closeEdges(
  rows: number,
  edges: readonly Edge[],
  closing: Closing,
): Steps<Int32Array> {
  const sets = new UnionFind(rows);
  const members = new Map<number, readonly number[]>();
  const membersOf = (root: number): readonly number[] => members.get(root) ?? [root];
  for (const [index, { left, right }] of edges.entries()) {
    if (index % PAIRS_PER_STEP === 0) yield;
    const [a, b] = [sets.find(left), sets.find(right)];
    if (a === b) continue;
    const [one, other] = [membersOf(a), membersOf(b)];
    if (!belongTogether(one, other, closing)) continue;
    sets.union(a, b);
    members.delete(a);
    members.delete(b);
    members.set(sets.find(a), [...one, ...other]);
  }
  return sets.labels();
}

type Rows = readonly number[];

function belongTogether(one: Rows, other: Rows, { weigh, mayJoin }: Closing): boolean {
  if (mayJoin !== undefined && !one.every((left) => other.every((right) => mayJoin(left, right)))) {
    return false;
  }
  return one.length + other.length === 2 || meanWeight(one, other, weigh) >= LEAST_MEAN;
}

function meanWeight(one: Rows, other: Rows, weigh: Closing['weigh']): number {
  const pairs = one.length * other.length;
  const step = max(1, ceil(pairs / MOST_WEIGHED));
  let sum = 0;
  let weighed = 0;
  for (let at = 0; at < pairs; at += step) {
    sum += weigh(one[floor(at / other.length)] ?? 0, other[at % other.length] ?? 0);
    weighed += 1;
  }
  return sum / weighed;
}
