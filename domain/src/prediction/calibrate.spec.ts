import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { calibrate, calibrated } from './calibrate.js';
import { measureBinary } from './measure.js';
import { chanceOf } from './testing/chance.js';

/** Scores that are far too sure of themselves. */
function overconfident(count: number) {
  const chance = chanceOf(4);
  const truth = Float64Array.from({ length: count }, () => chance.uniform());
  const labels = Uint8Array.from(truth, (share) => (chance.uniform() < share ? 1 : 0));
  const scores = truth.map((share) => share ** 3 / (share ** 3 + (1 - share) ** 3));
  return { truth, labels, scores };
}

describe.each(['isotonic', 'platt'] as const)('%s', (method) => {
  const { truth, labels, scores } = overconfident(4_000);
  const calibration = calibrate(scores, labels, method);
  const after = scores.map((score) => calibrated(calibration, score));

  it('makes scores mean what they say', () => {
    const apart = after.reduce((sum, each, at) => sum + Math.abs(each - (truth[at] ?? 0)), 0);
    expect(apart / after.length).toBeLessThan(0.05);
    expect(measureBinary(after, labels).logLoss).toBeLessThan(
      measureBinary(scores, labels).logLoss,
    );
  });

  it('never turns the order around, and stays within 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (one, other) => {
          const [low, high] = [Math.min(one, other), Math.max(one, other)];
          expect(calibrated(calibration, low)).toBeLessThanOrEqual(calibrated(calibration, high));
          expect(calibrated(calibration, low)).toBeGreaterThan(0);
          expect(calibrated(calibration, high)).toBeLessThan(1);
        },
      ),
    );
  });
});

describe('calibrate', () => {
  it('takes steps where there is enough to learn them from, else two parameters, else nothing', () => {
    const many = overconfident(2_000);
    expect(calibrate(many.scores, many.labels).kind).toBe('isotonic');
    const few = overconfident(100);
    expect(calibrate(few.scores, few.labels).kind).toBe('platt');
    const none = calibrate(Float64Array.of(0.1, 0.4), Uint8Array.of(0, 0));
    expect(none).toEqual({ kind: 'none' });
    expect(calibrated(none, 0.4)).toBe(0.4);
  });

  it('pools what is out of order and gives equal scores one share', () => {
    const scores = Float64Array.of(0.1, 0.2, 0.2, 0.3, 0.4);
    const labels = Uint8Array.of(0, 1, 0, 0, 1);
    const steps = calibrate(scores, labels, 'isotonic');
    expect(calibrated(steps, 0.2)).toBeLessThanOrEqual(calibrated(steps, 0.3));
    const reversed = calibrate(scores.slice().reverse(), labels.slice().reverse(), 'isotonic');
    for (const score of [0.1, 0.2, 0.3, 0.4])
      expect(calibrated(reversed, score)).toBeCloseTo(calibrated(steps, score), 12);
  });
});
