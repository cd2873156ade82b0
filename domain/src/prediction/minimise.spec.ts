import { describe, expect, it } from '@jest/globals';
import { minimise, nelderMead } from './minimise.js';

/** The long bent valley that every optimiser is shown. */
function valley(at: Float64Array, gradient: Float64Array): number {
  const [x = 0, y = 0] = at;
  gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
  gradient[1] = 200 * (y - x * x);
  return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
}

describe('minimise', () => {
  it('finds the end of a bent valley', () => {
    const { at, converged, evaluations } = minimise(valley, [-1.2, 1]);
    expect(converged).toBe(true);
    expect(at[0]).toBeCloseTo(1, 5);
    expect(at[1]).toBeCloseTo(1, 5);
    expect(evaluations).toBeLessThan(100);
  });

  it('finds the bottom of a bowl in every number of dimensions', () => {
    for (const size of [1, 2, 5]) {
      const found = minimise((at, gradient) => {
        at.forEach((each, i) => {
          gradient[i] = 2 * (i + 1) * (each - i);
        });
        return at.reduce((sum, each, i) => sum + (i + 1) * (each - i) ** 2, 0);
      }, new Array<number>(size).fill(3));
      found.at.forEach((each, i) => {
        expect(each).toBeCloseTo(i, 5);
      });
    }
  });

  it('falls back on walking without a slope where the slope lies', () => {
    const { at } = minimise(
      (point, gradient) => {
        const [x = 0] = point;
        gradient[0] = -Math.sign(x - 2) * 50;
        return Math.abs(x - 2);
      },
      [0],
    );
    expect(at[0]).toBeCloseTo(2, 4);
  });
});

describe('nelderMead', () => {
  it('finds the end of the valley as well, in more steps', () => {
    const rest = new Float64Array(2);
    const { at, converged } = nelderMead((point) => valley(point, rest), Float64Array.of(-1.2, 1));
    expect(converged).toBe(true);
    expect(at[0]).toBeCloseTo(1, 3);
  });

  it('stops after as many evaluations as it may take', () => {
    const rest = new Float64Array(2);
    const { evaluations, converged } = nelderMead(
      (point) => valley(point, rest),
      Float64Array.of(-1.2, 1),
      20,
    );
    expect(converged).toBe(false);
    expect(evaluations).toBeLessThan(26);
  });
});
