import { describe, expect, it } from '@jest/globals';
import { fitMixture, type Mixture, type Patterns } from './em.js';

const TRUE: Mixture = {
  lambda: 0.5,
  m: [0.7, 0.9, 0.95].map((agree) => Float64Array.of(agree, 1 - agree)),
  u: [0.1, 0.025, 0.2].map((agree) => Float64Array.of(agree, 1 - agree)),
};
const START: Mixture = {
  lambda: 0.3,
  m: [0, 1, 2].map(() => Float64Array.of(0.8, 0.2)),
  u: [0, 1, 2].map(() => Float64Array.of(0.2, 0.8)),
};
const ALL_FREE = { lambda: true, m: true, u: true };

/** The eight patterns of three yes/no columns, as often as the parameters expect. */
function expected(pairs: number): Patterns {
  const levels: number[] = [];
  const counts: number[] = [];
  for (let bits = 0; bits < 8; bits += 1) {
    const pattern = [bits & 1, (bits >> 1) & 1, (bits >> 2) & 1];
    const likely = (table: Mixture['m']): number =>
      pattern.reduce((product, level, column) => product * (table[column]?.[level] ?? 0), 1);
    levels.push(...pattern);
    counts.push(pairs * (TRUE.lambda * likely(TRUE.m) + (1 - TRUE.lambda) * likely(TRUE.u)));
  }
  return { columns: 3, levels: Int8Array.from(levels), counts: Float64Array.from(counts) };
}

function agreements(table: Mixture['m']): number[] {
  return table.map((levels) => levels[0] ?? NaN);
}

describe('fitMixture', () => {
  it('finds all seven parameters of a known mixture', () => {
    const { mixture, posterior, rounds } = fitMixture(expected(4_000), {
      start: START,
      free: ALL_FREE,
      tolerance: 1e-14,
    });
    expect(mixture.lambda).toBeCloseTo(0.5, 5);
    agreements(mixture.m).forEach((m, at) => {
      expect(m).toBeCloseTo([0.7, 0.9, 0.95][at] ?? NaN, 5);
    });
    agreements(mixture.u).forEach((u, at) => {
      expect(u).toBeCloseTo([0.1, 0.025, 0.2][at] ?? NaN, 5);
    });
    expect(rounds).toBeLessThan(200);
    // All three agree: .5985 against .0005.
    expect(posterior[0]).toBeCloseTo(0.5985 / 0.599, 5);
  });

  it('never becomes less likely from round to round', () => {
    const likelihoods = [1, 2, 5, 10, 50].map(
      (rounds) => fitMixture(expected(500), { start: START, free: ALL_FREE, rounds }).logLikelihood,
    );
    expect([...likelihoods].sort((a, b) => a - b)).toEqual(likelihoods);
  });

  it('leaves alone what is held fixed', () => {
    const free = { lambda: true, m: true, u: false };
    const { mixture } = fitMixture(expected(500), { start: { ...START, u: TRUE.u }, free });
    expect(mixture.u).toBe(TRUE.u);
    expect(mixture.lambda).toBeCloseTo(0.5, 3);
    const pinned = fitMixture(expected(500), {
      start: START,
      free: ALL_FREE,
      pinned: [false, true, false],
    });
    expect(pinned.mixture.u[1]).toBe(START.u[1]);
    expect(pinned.mixture.u[0]).not.toBe(START.u[0]);
  });

  it('takes nothing from a comparison that is missing', () => {
    const patterns: Patterns = {
      columns: 2,
      levels: Int8Array.of(0, -1, 1, -1),
      counts: Float64Array.of(30, 70),
    };
    const start: Mixture = {
      lambda: 0.5,
      m: [Float64Array.of(0.9, 0.1), Float64Array.of(0.9, 0.1)],
      u: [Float64Array.of(0.1, 0.9), Float64Array.of(0.1, 0.9)],
    };
    const { mixture } = fitMixture(patterns, { start, free: ALL_FREE });
    expect(mixture.m[1]).toEqual(start.m[1]);
    expect(mixture.u[1]).toEqual(start.u[1]);
  });

  it('goes by another account of strangers where one is given', () => {
    const patterns: Patterns = {
      columns: 1,
      levels: Int8Array.of(0, 1),
      counts: Float64Array.of(50, 50),
    };
    const start = { lambda: 0.5, m: [Float64Array.of(0.9, 0.1)], u: [Float64Array.of(0.1, 0.9)] };
    const free = { lambda: false, m: false, u: false };
    const alone = fitMixture(patterns, { start, free });
    const household = Float64Array.of(Math.log(0.9), Math.log(0.1));
    const told = fitMixture(patterns, { start, free, logNonMatch: household });
    expect(alone.posterior[0]).toBeCloseTo(0.9, 9);
    expect(told.posterior[0]).toBeCloseTo(0.5, 9);
  });
});
