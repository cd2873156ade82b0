/** How good probabilities are: do they rank, do they mean what they say. Equal scores share what they earn, whatever their order. */
import type { BinaryMeasures } from './types.js';

const TENTHS = 10;
const EDGE = 1e-15;

export function measureBinary(scores: Float64Array, labels: Uint8Array): BinaryMeasures {
  const rows = labels.length;
  const positives = labels.reduce((sum, each) => sum + each, 0);
  const ties = tiesOf(scores, labels);
  const lift = liftByTenth(ties, { rows, positives });
  return {
    rows,
    positives,
    auc: aucOf(ties, { rows, positives }),
    ...errorsOf(scores, labels),
    ece: calibrationBins(scores, labels).reduce(
      (sum, bin) => sum + (bin.rows / rows) * Math.abs(bin.predicted - bin.observed),
      0,
    ),
    lift,
    liftQuality: liftQualityOf(ties, { rows, positives }),
    averagePrecision: averagePrecisionOf(ties, positives),
  };
}

interface Tie {
  readonly rows: number;
  readonly positives: number;
}

interface Totals {
  readonly rows: number;
  readonly positives: number;
}

/** Rows of equal score together, best first. */
function tiesOf(scores: Float64Array, labels: Uint8Array): Tie[] {
  const order = byScore(scores).reverse();
  const ties: { rows: number; positives: number }[] = [];
  let before = Number.NaN;
  for (const at of order) {
    const score = scores[at] ?? 0;
    if (score !== before) ties.push({ rows: 0, positives: 0 });
    before = score;
    const tie = ties.at(-1);
    if (tie === undefined) continue;
    tie.rows += 1;
    tie.positives += labels[at] ?? 0;
  }
  return ties;
}

function byScore(scores: Float64Array): number[] {
  return [...scores.keys()].sort((p, q) => (scores[p] ?? 0) - (scores[q] ?? 0) || p - q);
}

/** The share of pairs of unlike rows that are in order, ties counting half; one half where there is no such pair. */
function aucOf(ties: readonly Tie[], { rows, positives }: Totals): number {
  const negatives = rows - positives;
  if (positives === 0 || negatives === 0) return 0.5;
  let [won, below] = [0, negatives];
  for (const tie of ties) {
    const against = tie.rows - tie.positives;
    below -= against;
    won += tie.positives * (below + against / 2);
  }
  return won / (positives * negatives);
}

function errorsOf(scores: Float64Array, labels: Uint8Array): { logLoss: number; brier: number } {
  let [loss, square] = [0, 0];
  scores.forEach((score, at) => {
    const label = labels[at] ?? 0;
    const right = label === 1 ? score : 1 - score;
    loss -= Math.log(Math.max(EDGE, right));
    square += (score - label) ** 2;
  });
  return { logLoss: loss / labels.length, brier: square / labels.length };
}

export interface CalibrationBin {
  readonly rows: number;
  readonly predicted: number;
  readonly observed: number;
}

/** Tenths of equal size from the lowest scores up: what was said, and what came. */
export function calibrationBins(scores: Float64Array, labels: Uint8Array): CalibrationBin[] {
  const order = byScore(scores);
  const came = evenWithinTies(order, { scores, labels });
  return Array.from({ length: TENTHS }, (_, tenth) => {
    const from = Math.floor((tenth * order.length) / TENTHS);
    const own = order.slice(from, Math.floor(((tenth + 1) * order.length) / TENTHS));
    const mean = (of: Float64Array): number =>
      own.reduce((sum, at) => sum + (of[at] ?? 0), 0) / Math.max(1, own.length);
    return { rows: own.length, predicted: mean(scores), observed: mean(came) };
  }).filter(({ rows }) => rows > 0);
}

/** Each row's label, shared out among those of equal score. */
function evenWithinTies(
  order: readonly number[],
  { scores, labels }: { readonly scores: Float64Array; readonly labels: Uint8Array },
): Float64Array {
  const even = new Float64Array(scores.length);
  for (let from = 0; from < order.length;) {
    const score = scores[order[from] ?? 0];
    let until = from;
    while (until < order.length && scores[order[until] ?? 0] === score) until += 1;
    const tie = order.slice(from, until);
    const share = tie.reduce((sum, at) => sum + (labels[at] ?? 0), 0) / tie.length;
    for (const at of tie) even[at] = share;
    from = until;
  }
  return even;
}

/** Positives among the first `wanted` rows; a tie that is cut gives the same share of its positives as of its rows. */
function gained(ties: readonly Tie[], wanted: number): number {
  let [rows, positives] = [0, 0];
  for (const tie of ties) {
    if (rows + tie.rows >= wanted)
      return positives + (tie.positives * (wanted - rows)) / Math.max(1, tie.rows);
    rows += tie.rows;
    positives += tie.positives;
  }
  return positives;
}

function liftByTenth(ties: readonly Tie[], { rows, positives }: Totals): number[] {
  if (positives === 0) return new Array<number>(TENTHS).fill(1);
  return Array.from({ length: TENTHS }, (_, tenth) => {
    const [from, until] = [(tenth * rows) / TENTHS, ((tenth + 1) * rows) / TENTHS];
    const own = gained(ties, until) - gained(ties, from);
    return own / (until - from) / (positives / rows);
  });
}

/**
 * The cumulative lift, averaged over all cuts, between that of chance (0) and that of a perfect order (1); below 0 it ranks worse
 * than chance. Weighs the top of the list more than AUC does, since that is whom one writes to.
 */
function liftQualityOf(ties: readonly Tie[], { rows, positives }: Totals): number {
  if (positives === 0 || positives === rows) return 0;
  let [seen, found, sum, best] = [0, 0, 0, 0];
  for (const tie of ties) {
    const share = tie.positives / tie.rows;
    for (let i = 1; i <= tie.rows; i += 1) {
      sum += ((found + share * i) * rows) / ((seen + i) * positives);
      best += (Math.min(seen + i, positives) * rows) / ((seen + i) * positives);
    }
    seen += tie.rows;
    found += tie.positives;
  }
  return (sum - rows) / (best - rows);
}

function averagePrecisionOf(ties: readonly Tie[], positives: number): number {
  if (positives === 0) return 0;
  let [seen, found, sum] = [0, 0, 0];
  for (const tie of ties) {
    seen += tie.rows;
    found += tie.positives;
    sum += (tie.positives * found) / seen;
  }
  return sum / positives;
}
