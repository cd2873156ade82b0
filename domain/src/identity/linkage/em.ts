/**
 * Fellegi–Sunter as a mixture of two classes, fitted by expectation and maximisation over counted patterns. What is held fixed
 * is the caller's choice, and matters: left wholly free over blocked pairs, the mixture drifts until everything is a match.
 */
const { abs, exp, log, max } = Math;

/** One combination of levels, one per column, and how many pairs show it. A missing comparison is level -1. */
export interface Patterns {
  readonly columns: number;
  /** pattern after pattern, `columns` levels each */
  readonly levels: Int8Array;
  readonly counts: Float64Array;
}

/** Per column, per level: the probability that a pair of that class shows it. */
export type LevelTable = readonly Float64Array[];

export interface Mixture {
  readonly lambda: number;
  readonly m: LevelTable;
  readonly u: LevelTable;
}

export interface FitOptions {
  readonly start: Mixture;
  readonly free: { readonly lambda: boolean; readonly m: boolean; readonly u: boolean };
  /** pseudo-pairs per column that hold the class to where it started; 0 for plain maximum likelihood */
  readonly prior?: number;
  /** log probability of each pattern among non-matches, where something better than independent columns is known */
  readonly logNonMatch?: Float64Array;
  /** columns whose u stays as it started */
  readonly pinned?: readonly boolean[];
  readonly rounds?: number;
  readonly tolerance?: number;
}

export interface Fit {
  readonly mixture: Mixture;
  readonly logLikelihood: number;
  readonly rounds: number;
  /** per pattern: the probability that such a pair is a match */
  readonly posterior: Float64Array;
}

const SMALLEST = 1e-12;

export function fitMixture(patterns: Patterns, options: FitOptions): Fit {
  const { free, rounds = 500, tolerance = 1e-10 } = options;
  let mixture = options.start;
  let before = Number.NEGATIVE_INFINITY;
  for (let round = 1; ; round += 1) {
    const { posterior, logLikelihood } = expect(patterns, mixture, options.logNonMatch);
    const settled = abs(logLikelihood - before) <= tolerance * abs(logLikelihood);
    if (settled || round > rounds) return { mixture, logLikelihood, rounds: round, posterior };
    before = logLikelihood;
    mixture = {
      lambda: free.lambda ? share(patterns, posterior) : mixture.lambda,
      m: free.m ? maximise(patterns, posterior, options, 'm') : mixture.m,
      u: free.u ? maximise(patterns, posterior, options, 'u') : mixture.u,
    };
  }
}

function expect(patterns: Patterns, mixture: Mixture, logNonMatch?: Float64Array) {
  const size = patterns.counts.length;
  const posterior = new Float64Array(size);
  const logM = mixture.m.map(logs);
  const logU = mixture.u.map(logs);
  const logMatch = log(max(mixture.lambda, SMALLEST));
  const logOther = log(max(1 - mixture.lambda, SMALLEST));
  let logLikelihood = 0;
  for (let index = 0; index < size; index += 1) {
    const match = logMatch + patternLog(patterns, index, logM);
    const other = logOther + (logNonMatch?.[index] ?? patternLog(patterns, index, logU));
    const top = max(match, other);
    const total = top + log(exp(match - top) + exp(other - top));
    posterior[index] = exp(match - total);
    logLikelihood += (patterns.counts[index] ?? 0) * total;
  }
  return { posterior, logLikelihood };
}

/** Log probability of one pattern with independent columns; a missing comparison says nothing. */
function patternLog(patterns: Patterns, index: number, table: LevelTable): number {
  let sum = 0;
  for (let column = 0; column < patterns.columns; column += 1) {
    const level = patterns.levels[index * patterns.columns + column] ?? -1;
    if (level >= 0) sum += table[column]?.[level] ?? 0;
  }
  return sum;
}

function logs(probabilities: Float64Array): Float64Array {
  return probabilities.map((value) => log(max(value, SMALLEST)));
}

function share({ counts }: Patterns, posterior: Float64Array): number {
  let matches = 0;
  let all = 0;
  for (let index = 0; index < counts.length; index += 1) {
    matches += (counts[index] ?? 0) * (posterior[index] ?? 0);
    all += counts[index] ?? 0;
  }
  return all === 0 ? 0 : matches / all;
}

function maximise(
  patterns: Patterns,
  posterior: Float64Array,
  { start, prior = 0, pinned }: FitOptions,
  side: 'm' | 'u',
): LevelTable {
  const sums = start[side].map((levels) => levels.map((probability) => probability * prior));
  for (let index = 0; index < patterns.counts.length; index += 1) {
    const match = posterior[index] ?? 0;
    const weight = (patterns.counts[index] ?? 0) * (side === 'm' ? match : 1 - match);
    if (weight === 0) continue;
    for (let column = 0; column < patterns.columns; column += 1) {
      const level = patterns.levels[index * patterns.columns + column] ?? -1;
      const sum = sums[column];
      if (level >= 0 && sum !== undefined) sum[level] = (sum[level] ?? 0) + weight;
    }
  }
  return sums.map((sum, column) => {
    const before = start[side][column];
    return before !== undefined && side === 'u' && pinned?.[column] === true
      ? before
      : normalised(sum, before);
  });
}

/** A column that no pair of the class shows keeps what it started with. */
function normalised(sum: Float64Array, otherwise: Float64Array | undefined): Float64Array {
  return sum.some((value) => value > 0) ? shares(sum) : (otherwise ?? sum);
}

/** Counts as probabilities. */
export function shares(counts: Float64Array): Float64Array {
  const total = counts.reduce((all, value) => all + value, 0);
  return counts.map((value) => value / total);
}
