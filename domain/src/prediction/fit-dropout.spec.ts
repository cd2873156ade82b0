import { describe, expect, it } from '@jest/globals';
import { dropoutLikelihood, fitBgNbd, fitMbgNbd } from './fit-dropout.js';
import { groupHistories } from './summarise.js';
import { chanceOf } from './testing/chance.js';
import { liveMany, type Truth } from './testing/purchases.js';

const PARAMETERS = { r: 0.6, alpha: 4, a: 0.8, b: 2.4 };
const FITS = { bg: fitBgNbd, mbg: fitMbgNbd } as const;

function simulated(truth: Truth, count: number, seed = 7) {
  return groupHistories(liveMany(truth, { count, horizon: 0, chance: chanceOf(seed) }));
}

describe.each(['bg', 'mbg'] as const)('a fit of %s', (kind) => {
  const truth = { kind, ...PARAMETERS };
  const groups = simulated(truth, 12_000);
  const fit = FITS[kind](groups);

  it('finds the parameters that customers lived by', () => {
    expect(fit.converged).toBe(true);
    expect(fit.noDropout).toBe(false);
    expect(Math.abs(fit.r / truth.r - 1)).toBeLessThan(0.1);
    expect(Math.abs(fit.alpha / truth.alpha - 1)).toBeLessThan(0.12);
    expect(Math.abs(fit.a / (fit.a + fit.b) - truth.a / (truth.a + truth.b))).toBeLessThan(0.03);
  });

  it('is never less likely than points around it, nor than the truth', () => {
    for (const r of [0.9, 1, 1.1])
      for (const alpha of [0.5, 0.95, 1])
        for (const a of [0.8, 1])
          for (const b of [1, 1.2]) {
            const there = {
              kind,
              r: fit.r * r,
              alpha: fit.alpha * alpha,
              a: fit.a * a,
              b: fit.b * b,
            };
            expect(dropoutLikelihood(groups, there)).toBeLessThanOrEqual(fit.logLikelihood + 1e-5);
          }
    expect(dropoutLikelihood(groups, truth)).toBeLessThanOrEqual(fit.logLikelihood);
  });

  it('is the same model in any unit of time', () => {
    const inDays = {
      ...groups,
      tx: groups.tx.map((each) => each * 7),
      T: groups.T.map((each) => each * 7),
    };
    const days = FITS[kind](inDays);
    const repeats = groups.x.reduce((sum, each, i) => sum + each * (groups.n[i] ?? 0), 0);
    expect(days.alpha / fit.alpha).toBeCloseTo(7, 2);
    expect(days.r).toBeCloseTo(fit.r, 4);
    expect(days.logLikelihood).toBeCloseTo(fit.logLikelihood - repeats * Math.log(7), 2);
  });

  it('is the same from grouped and from single rows', () => {
    const rows = liveMany(truth, { count: 400, horizon: 0, chance: chanceOf(3) }).map(
      ({ x, tx, T }) => ({ x, tx: Math.round(tx), T: Math.round(T) }),
    );
    const grouped = FITS[kind](groupHistories(rows));
    const single = FITS[kind]({
      size: rows.length,
      x: Float64Array.from(rows, ({ x }) => x),
      tx: Float64Array.from(rows, ({ tx }) => tx),
      T: Float64Array.from(rows, ({ T }) => T),
      n: new Float64Array(rows.length).fill(1),
    });
    expect(grouped.logLikelihood).toBeCloseTo(single.logLikelihood, 5);
  });

  it('says that nobody leaves where nobody does', () => {
    const stayed = FITS[kind](simulated({ kind, r: 2, alpha: 4, a: 0, b: 1 }, 4_000));
    expect(stayed).toMatchObject({ noDropout: true, a: 0, b: 1, converged: true });
    expect(Math.abs(stayed.r / 2 - 1)).toBeLessThan(0.1);
  });
});

describe('a fit of very many groups', () => {
  it('starts on a part of them and ends on all', () => {
    const truth: Truth = { kind: 'mbg', ...PARAMETERS };
    const groups = simulated(truth, 70_000, 11);
    expect(groups.size).toBeGreaterThan(40_000);
    const fit = fitMbgNbd(groups);
    expect(fit.converged).toBe(true);
    expect(fit.logLikelihood).toBeGreaterThanOrEqual(dropoutLikelihood(groups, truth));
    expect(Math.abs(fit.r / truth.r - 1)).toBeLessThan(0.05);
  });
});
