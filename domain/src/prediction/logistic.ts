/** Logistic regression with a ridge, by iteratively reweighted least squares: the model that is hard to beat on few features. */
import { codingsOf, encodeInto, rowAt, widthOf } from './feature-table.js';
import { solve } from './solve.js';
import { sigmoid } from './special-functions.js';
import type { FeatureRow, LabelledTable, LogisticModel, Reason } from './types.js';

const MOST_ITERATIONS = 50;
const STILL = 1e-8;
const LEAST_WEIGHT = 1e-9;

export function fitLogistic(
  { table, labels }: LabelledTable,
  { l2 = 1 }: { readonly l2?: number } = {},
): LogisticModel {
  const codings = codingsOf(table);
  const width = 1 + codings.reduce((sum, coding) => sum + widthOf(coding), 0);
  const design = Array.from({ length: table.rows }, (_, at) =>
    encoded(codings, rowAt(table, at), width),
  );
  const positives = labels.reduce((sum, each) => sum + each, 0);
  let weights = new Float64Array(width);
  weights[0] = Math.log((positives + 0.5) / (table.rows - positives + 0.5));
  for (let iteration = 1; iteration <= MOST_ITERATIONS; iteration += 1) {
    const next = reweighted({ design, labels, weights, l2 });
    const moved = next.reduce(
      (most, each, i) => Math.max(most, Math.abs(each - (weights[i] ?? 0))),
      0,
    );
    weights = next;
    if (moved < STILL || iteration === MOST_ITERATIONS)
      return {
        ...{ kind: 'logistic', codings, l2, iterations: iteration, converged: moved < STILL },
        ...{ intercept: weights[0] ?? 0, weights: [...weights.subarray(1)] },
      };
  }
  return {
    kind: 'logistic',
    codings,
    l2,
    iterations: 0,
    converged: false,
    intercept: 0,
    weights: [],
  };
}

function encoded(codings: LogisticModel['codings'], row: FeatureRow, width: number): Float64Array {
  const numbers = new Float64Array(width);
  numbers[0] = 1;
  let from = 1;
  for (const coding of codings) {
    encodeInto(numbers, from, [coding, row[coding.name]]);
    from += widthOf(coding);
  }
  return numbers;
}

interface Fitting {
  readonly design: readonly Float64Array[];
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
  readonly l2: number;
}

/** One step of Newton's: (XᵀWX + λI)⁻¹ (Xᵀ(y − p) − λw); the intercept is not held back. */
function reweighted({ design, labels, weights, l2 }: Fitting): Float64Array<ArrayBuffer> {
  const width = weights.length;
  const curvature = new Float64Array(width * width);
  const slope = weights.map((each, i) => (i === 0 ? 0 : -l2 * each));
  for (const [at, row] of design.entries()) {
    const share = sigmoid(dot(row, weights));
    const spread = Math.max(LEAST_WEIGHT, share * (1 - share));
    const apart = (labels[at] ?? 0) - share;
    for (let i = 0; i < width; i += 1) {
      const value = row[i] ?? 0;
      if (value === 0) continue;
      slope[i] = (slope[i] ?? 0) + value * apart;
      const weighted = spread * value;
      for (let j = 0; j <= i; j += 1)
        curvature[i * width + j] = (curvature[i * width + j] ?? 0) + weighted * (row[j] ?? 0);
    }
  }
  for (let i = 0; i < width; i += 1) {
    const diagonal = i * width + i;
    curvature[diagonal] = (curvature[diagonal] ?? 0) + (i === 0 ? LEAST_WEIGHT : l2);
  }
  const step = solve(curvature, slope);
  const longest = step.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  const held = longest > 5 ? 5 / longest : 1;
  return weights.map((each, i) => each + held * (step[i] ?? 0));
}

function dot(row: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < row.length; i += 1) sum += (row[i] ?? 0) * (weights[i] ?? 0);
  return sum;
}

/** The sum before it becomes a probability. */
export function logisticMargin(model: LogisticModel, row: FeatureRow): number {
  return logisticReasons(model, row).reduce((sum, { effect }) => sum + effect, model.intercept);
}

/** What each feature adds to the margin, compared with the average customer for numbers and with none of the levels for categories. */
export function logisticReasons({ codings, weights }: LogisticModel, row: FeatureRow): Reason[] {
  let from = 0;
  return codings.map((coding) => {
    const value = row[coding.name] ?? null;
    const width = widthOf(coding);
    const numbers = new Float64Array(width);
    encodeInto(numbers, 0, [coding, value]);
    let effect = 0;
    for (let i = 0; i < width; i += 1) effect += (numbers[i] ?? 0) * (weights[from + i] ?? 0);
    from += width;
    return { feature: coding.name, value, effect };
  });
}
