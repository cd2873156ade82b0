/** One figure: what the product did, what the bare limit did in the same run, and whether that is good enough. */
export interface Round {
  readonly product: number;
  /** null where nothing bare can be compared with */
  readonly limit: number | null;
}

/** Each bound that is named must hold. */
export interface Goal {
  readonly ratioMin?: number;
  readonly ratioMax?: number;
  readonly min?: number;
  readonly max?: number;
}

/** Whether the work that was timed was really done, as a sentence: a figure without it does not count. */
export interface Oracle {
  readonly held: boolean;
  readonly says: string;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly product: number;
  readonly limit: number | null;
  readonly limitIs: string | null;
  readonly ratio: number | null;
  readonly spread: number | null;
  readonly goal: number | null;
  readonly goalIs: string;
  readonly ok: boolean;
  readonly oracle: string;
  readonly oracleHeld: boolean;
  readonly dev?: true;
}

export interface FigureInput {
  readonly name: string;
  readonly unit: string;
  readonly rounds: readonly Round[];
  readonly limitIs?: string;
  readonly goal?: Goal;
  readonly oracle: Oracle;
  /** measured on Temporal's development server, whose speed says nothing */
  readonly dev?: boolean;
}

/** Medians of what was measured, and the median of the ratios of each round: what disturbed a round disturbed both of its sides. */
export function makeFigure(input: FigureInput): Figure {
  const { name, unit, rounds, goal = {}, oracle } = input;
  const product = median(rounds.map((round) => round.product));
  const limits = rounds.flatMap(({ limit }) => (limit === null ? [] : [limit]));
  const ratios = ratiosOf(rounds);
  const ratio = ratios.length === 0 ? null : median(ratios);
  return {
    name,
    unit,
    product: rounded(product),
    limit: limits.length === 0 ? null : rounded(median(limits)),
    limitIs: input.limitIs ?? null,
    ratio: ratio === null ? null : rounded(ratio),
    spread: rounded(spread(ratios.length === 0 ? rounds.map((round) => round.product) : ratios)),
    goal: goal.ratioMin ?? goal.ratioMax ?? goal.min ?? goal.max ?? null,
    goalIs: describeGoal(goal),
    ok: oracle.held && meets(goal, product, ratio),
    oracle: oracle.says,
    oracleHeld: oracle.held,
    ...(input.dev === true ? { dev: true } : {}),
  };
}

function ratiosOf(rounds: readonly Round[]): number[] {
  return rounds.flatMap(({ product, limit }) =>
    limit === null || limit === 0 ? [] : [product / limit],
  );
}

function meets(goal: Goal, product: number, ratio: number | null): boolean {
  if (!Number.isFinite(product)) return false;
  if (goal.min !== undefined && product < goal.min) return false;
  if (goal.max !== undefined && product > goal.max) return false;
  if (goal.ratioMin !== undefined && (ratio === null || ratio < goal.ratioMin)) return false;
  return goal.ratioMax === undefined || (ratio !== null && ratio <= goal.ratioMax);
}

export function describeGoal(goal: Goal): string {
  const parts = [
    goal.ratioMin === undefined ? '' : `ratio ≥ ${goal.ratioMin}`,
    goal.ratioMax === undefined ? '' : `ratio ≤ ${goal.ratioMax}`,
    goal.min === undefined ? '' : `≥ ${goal.min}`,
    goal.max === undefined ? '' : `≤ ${goal.max}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '–' : parts.join(' and ');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  if (upper === undefined) return Number.NaN;
  if (!Number.isInteger(middle)) return upper;
  return ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Half the way from the lowest to the highest, as a part of the median: ± so much. */
export function spread(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const middle = median(values);
  if (middle === 0) return 0;
  return (Math.max(...values) - Math.min(...values)) / 2 / Math.abs(middle);
}

/** Least-squares slope of y over x: how much something grows. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const n = points.length;
  if (n < 2) return 0;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const across = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const along = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return along === 0 ? 0 : across / along;
}

/** Several oracles of one figure: all must hold, each says what it saw. */
export function allOf(...oracles: readonly Oracle[]): Oracle {
  return {
    held: oracles.every((oracle) => oracle.held),
    says: [...new Set(oracles.map((oracle) => oracle.says))].join('; '),
  };
}

/** `what 500 = 500`, or what the difference is. */
export function equal(what: string, found: number, expected: number): Oracle {
  const held = found === expected;
  return { held, says: `${what} ${found} ${held ? '=' : '≠'} ${expected}` };
}

/** Four digits that mean something; JSON knows no other numbers than finite ones. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : -1;
}
