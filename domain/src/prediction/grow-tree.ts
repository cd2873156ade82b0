/** One tree for the errors that are left: level by level, the split that explains most, found in sums by bin. */
import { sigmoid } from './special-functions.js';
import type { Tree } from './types.js';

const BINS = 256;
/** Holds back leaves of few rows. */
const RIDGE = 1;
const LEAST_CURVATURE = 5;
const LEAST_GAIN = 1e-6;

export interface Growing {
  readonly binned: readonly Uint8Array[];
  readonly labels: Uint8Array;
  readonly margins: Float64Array;
  readonly depth: number;
}

interface Node {
  readonly rows: Uint32Array;
  readonly slope: number;
  readonly curve: number;
}

interface Errors {
  readonly slopes: Float64Array;
  readonly curves: Float64Array;
}

interface Split {
  readonly feature: number;
  readonly bin: number;
  readonly gain: number;
}

export function growTree(growing: Growing): Tree {
  const errors = errorsOf(growing);
  const tree: Record<keyof Tree, number[]> = {
    feature: [],
    split: [],
    left: [],
    right: [],
    value: [],
  };
  const all = Uint32Array.from({ length: growing.labels.length }, (_, at) => at);
  grow(nodeOf(all, errors), { tree, growing, errors, left: growing.depth });
  return tree;
}

function errorsOf({ labels, margins }: Growing): Errors {
  const slopes = new Float64Array(labels.length);
  const curves = new Float64Array(labels.length);
  for (let at = 0; at < labels.length; at += 1) {
    const share = sigmoid(margins[at] ?? 0);
    slopes[at] = (labels[at] ?? 0) - share;
    curves[at] = share * (1 - share);
  }
  return { slopes, curves };
}

function nodeOf(rows: Uint32Array, { slopes, curves }: Errors): Node {
  let [slope, curve] = [0, 0];
  for (const at of rows) {
    slope += slopes[at] ?? 0;
    curve += curves[at] ?? 0;
  }
  return { rows, slope, curve };
}

interface Place {
  readonly tree: Record<keyof Tree, number[]>;
  readonly growing: Growing;
  readonly errors: Errors;
  readonly left: number;
}

/** Returns the node's number. */
function grow(node: Node, place: Place): number {
  const { tree, growing, errors, left } = place;
  const number = tree.value.length;
  tree.value.push(node.slope / (node.curve + RIDGE));
  const split = left === 0 ? null : bestSplit(node, growing.binned, errors);
  tree.feature.push(split?.feature ?? -1);
  tree.split.push(split?.bin ?? 0);
  tree.left.push(0);
  tree.right.push(0);
  if (split === null) return number;
  const bins = growing.binned[split.feature];
  const goesLeft = (at: number): boolean => (bins?.[at] ?? 0) <= split.bin;
  const deeper = { ...place, left: left - 1 };
  tree.left[number] = grow(nodeOf(node.rows.filter(goesLeft), errors), deeper);
  tree.right[number] = grow(
    nodeOf(
      node.rows.filter((at) => !goesLeft(at)),
      errors,
    ),
    deeper,
  );
  return number;
}

function bestSplit(node: Node, binned: readonly Uint8Array[], errors: Errors): Split | null {
  let best: Split | null = null;
  for (const [feature, bins] of binned.entries()) {
    const found = splitOf(node, sumsByBin(node.rows, bins, errors));
    if (found.gain > (best?.gain ?? LEAST_GAIN)) best = { feature, ...found };
  }
  return best;
}

function sumsByBin(rows: Uint32Array, bins: Uint8Array, { slopes, curves }: Errors): Errors {
  const sums = { slopes: new Float64Array(BINS), curves: new Float64Array(BINS) };
  for (const at of rows) {
    const bin = bins[at] ?? 0;
    sums.slopes[bin] = (sums.slopes[bin] ?? 0) + (slopes[at] ?? 0);
    sums.curves[bin] = (sums.curves[bin] ?? 0) + (curves[at] ?? 0);
  }
  return sums;
}

function splitOf(
  { slope, curve }: Node,
  { slopes, curves }: Errors,
): { bin: number; gain: number } {
  const worth = (s: number, c: number): number => (s * s) / (c + RIDGE);
  let best = { bin: 0, gain: 0 };
  let [leftSlope, leftCurve] = [0, 0];
  for (let bin = 0; bin < BINS - 1; bin += 1) {
    leftSlope += slopes[bin] ?? 0;
    leftCurve += curves[bin] ?? 0;
    if (leftCurve < LEAST_CURVATURE) continue;
    if (curve - leftCurve < LEAST_CURVATURE) break;
    const gain =
      worth(leftSlope, leftCurve) +
      worth(slope - leftSlope, curve - leftCurve) -
      worth(slope, curve);
    if (gain > best.gain) best = { bin, gain };
  }
  return best;
}

/** Walks down to a leaf; `onStep` hears of every node that is left and reached. */
export function leafOf(
  tree: Tree,
  binAt: (feature: number) => number,
  onStep?: (node: number, next: number) => void,
): number {
  let node = 0;
  for (;;) {
    const feature = tree.feature[node] ?? -1;
    if (feature < 0) return node;
    const goesLeft = binAt(feature) <= (tree.split[node] ?? 0);
    const next = (goesLeft ? tree.left[node] : tree.right[node]) ?? 0;
    onStep?.(node, next);
    node = next;
  }
}
