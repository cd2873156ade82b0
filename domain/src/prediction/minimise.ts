/** Finding the lowest point of a smooth function of a few variables: BFGS, and Nelder–Mead where it gets stuck. */

/** Returns the value and writes the gradient. */
export type Slope = (at: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly at: Float64Array;
  readonly value: number;
  readonly converged: boolean;
  readonly evaluations: number;
  /** what was learnt of the curvature, for a start nearby */
  readonly inverse: readonly Float64Array[];
}

const MOST_STEPS = 200;
const ARMIJO = 1e-4;
const SHORTEST_STEP = 1e-12;
/** In logs of parameters: a step beyond e² would be a leap in the dark. */
const LONGEST_STEP = 2;

/** Functions are best of the size of 1: a mean rather than a sum. `inverse` is what a search nearby knew of the curvature. */
export function minimise(
  slope: Slope,
  start: readonly number[],
  inverse: readonly Float64Array[] = identity(start.length),
): Minimum {
  const found = bfgs(slope, Float64Array.from(start), inverse);
  if (found.converged) return found;
  const gradient = new Float64Array(start.length);
  const walked = nelderMead((at) => slope(at, gradient), found.at);
  const again = bfgs(slope, walked.at, identity(start.length));
  const evaluations = found.evaluations + walked.evaluations + again.evaluations;
  // Where the slope is lost in rounding, two walks that agree are as good as a slope of nothing.
  const agree = Math.abs(again.value - found.value) <= 1e-9 * (1 + Math.abs(found.value));
  return { ...again, converged: again.converged || agree, evaluations };
}

function bfgs(slope: Slope, start: Float64Array, known: readonly Float64Array[]): Minimum {
  const size = start.length;
  let at = start;
  let gradient = new Float64Array(size);
  let value = slope(at, gradient);
  let evaluations = 1;
  let inverse = known;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (flat(gradient, value)) return { at, value, converged: true, evaluations, inverse };
    let direction = times(inverse, gradient).map((each) => -each);
    if (dot(direction, gradient) >= 0) {
      inverse = identity(size);
      direction = gradient.map((each) => -each);
    }
    const next = searchLine(slope, { at, value, gradient, direction });
    evaluations += next.evaluations;
    // No step gains anything: a bottom, where so little was to be gained that rounding hides it.
    if (next.point === null) {
      const converged = -dot(direction, gradient) <= 1e-9 * (1 + Math.abs(value));
      return { at, value, converged, evaluations, inverse };
    }
    inverse = update(inverse, {
      moved: next.point.at.map((each, i) => each - (at[i] ?? 0)),
      turned: next.point.gradient.map((each, i) => each - (gradient[i] ?? 0)),
    });
    ({ at, value, gradient } = next.point);
  }
  return { at, value, converged: false, evaluations, inverse };
}

interface Point {
  readonly at: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array<ArrayBuffer>;
}

function searchLine(
  slope: Slope,
  { at, value, gradient, direction }: Point & { readonly direction: Float64Array },
): { readonly point: Point | null; readonly evaluations: number } {
  const fall = dot(gradient, direction);
  const longest = direction.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  let length = longest > LONGEST_STEP ? LONGEST_STEP / longest : 1;
  for (let evaluations = 1; length > SHORTEST_STEP; evaluations += 1) {
    const step = length;
    const there = at.map((each, i) => each + step * (direction[i] ?? 0));
    const slopes = new Float64Array(at.length);
    const found = slope(there, slopes);
    if (found <= value + ARMIJO * length * fall)
      return { point: { at: there, value: found, gradient: slopes }, evaluations };
    // The bottom of the parabola through what is known, within bounds.
    const bottom = (-fall * length * length) / (2 * (found - value - fall * length));
    length = bottom > 0.1 * length && bottom < 0.5 * length ? bottom : 0.3 * length;
  }
  return { point: null, evaluations: 40 };
}

function update(
  inverse: readonly Float64Array[],
  { moved, turned }: { readonly moved: Float64Array; readonly turned: Float64Array },
): Float64Array[] {
  const along = dot(moved, turned);
  if (along <= 1e-14) return inverse.map((row) => row.slice());
  const carried = times(inverse, turned);
  const factor = (1 + dot(turned, carried) / along) / along;
  return inverse.map((row, i) =>
    row.map(
      (each, j) =>
        each +
        factor * (moved[i] ?? 0) * (moved[j] ?? 0) -
        ((carried[i] ?? 0) * (moved[j] ?? 0) + (moved[i] ?? 0) * (carried[j] ?? 0)) / along,
    ),
  );
}

function flat(gradient: Float64Array, value: number): boolean {
  return gradient.every((each) => Math.abs(each) <= 1e-7 * Math.max(1, Math.abs(value)));
}

function identity(size: number): Float64Array[] {
  return Array.from({ length: size }, (_, i) =>
    Float64Array.from({ length: size }, (__, j) => (i === j ? 1 : 0)),
  );
}

function times(matrix: readonly Float64Array[], vector: Float64Array): Float64Array {
  return Float64Array.from(matrix, (row) => dot(row, vector));
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, each, i) => sum + each * (right[i] ?? 0), 0);
}

interface Corner {
  readonly at: Float64Array;
  readonly value: number;
}

/** Needs no slope: crawls where a function is rough. */
export function nelderMead(
  evaluate: (at: Float64Array) => number,
  start: Float64Array,
  most = 2_000,
): Omit<Minimum, 'inverse'> {
  let evaluations = 0;
  const corner = (at: Float64Array): Corner => {
    evaluations += 1;
    return { at, value: evaluate(at) };
  };
  let corners = [
    corner(start),
    ...Array.from(start, (_, i) => corner(start.map((v, j) => (i === j ? v + 0.5 : v)))),
  ];
  for (;;) {
    corners.sort((p, q) => p.value - q.value);
    const [best, worst] = [corners[0], corners.at(-1)];
    if (best === undefined || worst === undefined) break;
    const converged = worst.value - best.value <= 1e-11 * (1 + Math.abs(best.value));
    if (converged || evaluations >= most) return { ...best, converged, evaluations };
    corners = nextCorners(corners, { best, worst, corner });
  }
  return { at: start, value: evaluate(start), converged: false, evaluations };
}

function nextCorners(
  corners: readonly Corner[],
  {
    best,
    worst,
    corner,
  }: {
    readonly best: Corner;
    readonly worst: Corner;
    readonly corner: (at: Float64Array) => Corner;
  },
): Corner[] {
  const kept = corners.slice(0, -1);
  const second = kept.at(-1) ?? best;
  const centre = best.at.map(
    (_, i) => kept.reduce((sum, c) => sum + (c.at[i] ?? 0), 0) / kept.length,
  );
  const towards = (share: number): Corner =>
    corner(centre.map((each, i) => each + share * (each - (worst.at[i] ?? 0))));
  const mirrored = towards(1);
  if (mirrored.value < best.value) {
    const further = towards(2);
    return [...kept, further.value < mirrored.value ? further : mirrored];
  }
  if (mirrored.value < second.value) return [...kept, mirrored];
  const nearer = towards(mirrored.value < worst.value ? 0.5 : -0.5);
  if (nearer.value < Math.min(mirrored.value, worst.value)) return [...kept, nearer];
  return [
    best,
    ...corners.slice(1).map(({ at }) => corner(at.map((v, i) => (v + (best.at[i] ?? 0)) / 2))),
  ];
}
