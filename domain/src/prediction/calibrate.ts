/** Scores to probabilities that mean what they say, learnt on a later fold than the model was. */
import { solve } from './solve.js';
import { sigmoid } from './special-functions.js';
import type { Calibration } from './types.js';

/** Below so many rows of either label, steps would follow chance: two parameters are enough to ask of them. */
const ENOUGH_FOR_STEPS = 200;
const EDGE = 1e-12;

/** Isotonic where there is enough to learn steps from, else Platt; `none` where only one label is there. */
export function calibrate(
  scores: Float64Array,
  labels: Uint8Array,
  method: 'auto' | 'isotonic' | 'platt' = 'auto',
): Calibration {
  const positives = labels.reduce((sum, each) => sum + each, 0);
  const fewest = Math.min(positives, labels.length - positives);
  if (fewest === 0) return { kind: 'none' };
  const steps = method === 'isotonic' || (method === 'auto' && fewest >= ENOUGH_FOR_STEPS);
  return steps ? isotonic(scores, labels) : platt(scores, labels);
}

export function calibrated(calibration: Calibration, score: number): number {
  switch (calibration.kind) {
    case 'none':
      return score;
    case 'platt':
      return sigmoid(calibration.slope * logit(score) + calibration.intercept);
    case 'isotonic':
      return interpolated(calibration, score);
  }
}

function logit(score: number): number {
  const inside = Math.min(1 - EDGE, Math.max(EDGE, score));
  return Math.log(inside / (1 - inside));
}

/** Logistic regression on one number, with Platt's softened labels, so that a clean cut does not lead to certainty. */
function platt(scores: Float64Array, labels: Uint8Array): Calibration {
  const positives = labels.reduce((sum, each) => sum + each, 0);
  const yes = (positives + 1) / (positives + 2);
  const no = 1 / (labels.length - positives + 2);
  let [slope, intercept] = [1, 0];
  for (let step = 0; step < 100; step += 1) {
    const curve = new Float64Array(4);
    const fall = new Float64Array(2);
    scores.forEach((score, at) => {
      const z = logit(score);
      const share = sigmoid(slope * z + intercept);
      const apart = ((labels[at] ?? 0) === 1 ? yes : no) - share;
      const weight = Math.max(EDGE, share * (1 - share));
      fall[0] = (fall[0] ?? 0) + apart * z;
      fall[1] = (fall[1] ?? 0) + apart;
      curve[0] = (curve[0] ?? 0) + weight * z * z;
      curve[2] = (curve[2] ?? 0) + weight * z;
      curve[3] = (curve[3] ?? 0) + weight;
    });
    const [bySlope = 0, byIntercept = 0] = solve(curve, fall).map((each) =>
      Math.max(-1, Math.min(1, each)),
    );
    slope += bySlope;
    intercept += byIntercept;
    if (Math.abs(bySlope) + Math.abs(byIntercept) < 1e-10) break;
  }
  return { kind: 'platt', slope, intercept };
}

interface Block {
  /** of scores, so that the middle of a block is where its rows are */
  readonly sum: number;
  readonly positives: number;
  readonly rows: number;
}

/** Neighbours that are out of order are pooled until none is; each block stands at the mean of its scores. */
function isotonic(scores: Float64Array, labels: Uint8Array): Calibration {
  const blocks: Block[] = [];
  for (const tie of tiesOf(scores, labels)) {
    blocks.push(tie);
    while (outOfOrder(blocks)) {
      const [high, low] = [blocks.pop(), blocks.pop()];
      if (low !== undefined && high !== undefined) blocks.push(pooled(low, high));
    }
  }
  return {
    kind: 'isotonic',
    scores: blocks.map(({ sum, rows }) => sum / rows),
    shares: softened(blocks),
  };
}

/** Lowest first. Equal scores must get equal probabilities, whatever order their rows came in. */
function tiesOf(scores: Float64Array, labels: Uint8Array): Block[] {
  const order = [...scores.keys()].sort((p, q) => (scores[p] ?? 0) - (scores[q] ?? 0));
  const ties: Block[] = [];
  let before = Number.NaN;
  for (const at of order) {
    const score = scores[at] ?? 0;
    const own = { sum: score, positives: labels[at] ?? 0, rows: 1 };
    const last = score === before ? ties.pop() : undefined;
    before = score;
    ties.push(last === undefined ? own : pooled(last, own));
  }
  return ties;
}

function pooled(one: Block, other: Block): Block {
  return {
    sum: one.sum + other.sum,
    positives: one.positives + other.positives,
    rows: one.rows + other.rows,
  };
}

function outOfOrder(blocks: readonly Block[]): boolean {
  const [low, high] = [blocks.at(-2), blocks.at(-1)];
  if (low === undefined || high === undefined) return false;
  return low.positives * high.rows >= high.positives * low.rows;
}

/** Half a row of the other label where there is only one: nothing is ever certain. */
function softened(blocks: readonly Block[]): number[] {
  let least = 0;
  return blocks.map(({ positives, rows }) => {
    const certain = positives === 0 || positives === rows;
    const share = certain ? (positives + 0.5) / (rows + 1) : positives / rows;
    least = Math.max(least, share);
    return least;
  });
}

function interpolated(
  { scores, shares }: Extract<Calibration, { kind: 'isotonic' }>,
  score: number,
): number {
  const above = scores.findIndex((each) => each >= score);
  if (above === -1) return shares.at(-1) ?? score;
  const [x1 = 0, y1 = 0] = [scores[above], shares[above]];
  if (above === 0) return y1;
  const [x0 = 0, y0 = 0] = [scores[above - 1], shares[above - 1]];
  return x1 === x0 ? y1 : y0 + ((score - x0) / (x1 - x0)) * (y1 - y0);
}
