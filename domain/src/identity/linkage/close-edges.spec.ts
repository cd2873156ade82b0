import { describe, expect, it } from '@jest/globals';
import { closeEdges, type Closing } from './close-edges.js';
import type { Edge } from './link-rows.js';
import { finish } from './steps.js';

const ALL_AGREE: Closing = { weigh: () => 10 };

function close(rows: number, pairs: readonly (readonly [number, number])[], closing = ALL_AGREE) {
  const edges = pairs.map(([left, right], at): Edge => ({ left, right, weight: 100 - at }));
  return [...finish(closeEdges(rows, edges, closing))];
}

describe('closeEdges', () => {
  it('makes connected components where everything agrees', () => {
    expect(
      close(5, [
        [0, 1],
        [1, 2],
        [3, 4],
      ]),
    ).toEqual([0, 0, 0, 1, 1]);
  });

  it('does not chain two people over one edge that everything else denies', () => {
    // 0, 1, 2 are one; 3, 4, 5 another; 2–3 looks alike by accident.
    const weigh = (a: number, b: number): number => (a < 3 === b < 3 || a + b === 5 ? 8 : -12);
    expect(
      close(
        6,
        [
          [0, 1],
          [1, 2],
          [3, 4],
          [4, 5],
          [2, 3],
        ],
        { weigh },
      ),
    ).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('forgives a row that is badly spoilt', () => {
    const weigh = (a: number, b: number): number =>
      (a === 3 && b === 0) || (a === 0 && b === 3) ? -6 : 8;
    expect(
      close(
        4,
        [
          [0, 1],
          [1, 2],
          [2, 3],
        ],
        { weigh },
      ),
    ).toEqual([0, 0, 0, 0]);
  });

  it('never joins two whom somebody has declared to be two, not even over a third', () => {
    const mayJoin = (a: number, b: number): boolean => Math.min(a, b) !== 0 || Math.max(a, b) !== 2;
    expect(
      close(
        4,
        [
          [0, 1],
          [1, 2],
          [2, 3],
        ],
        { ...ALL_AGREE, mayJoin },
      ),
    ).toEqual([0, 0, 1, 1]);
    expect(close(3, [[0, 2]], { ...ALL_AGREE, mayJoin })).toEqual([0, 1, 2]);
  });

  it('weighs a sample where two clusters are large', () => {
    let weighed = 0;
    const weigh = (): number => {
      weighed += 1;
      return 5;
    };
    const half = 100;
    const stars = Array.from({ length: half - 1 }, (_, at) => at + 1);
    const pairs = [
      ...stars.map((row): [number, number] => [0, row]),
      ...stars.map((row): [number, number] => [half, half + row]),
    ];
    close(2 * half, pairs, { weigh });
    weighed = 0;
    expect(new Set(close(2 * half, [...pairs, [0, half]], { weigh })).size).toBe(1);
    expect(weighed).toBeLessThan(half * half * 2);
  });
});
