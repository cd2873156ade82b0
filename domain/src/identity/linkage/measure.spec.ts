import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { measureClusters, measurePairs, truePairs } from './measure.js';

describe('measureClusters', () => {
  it('counts pairs of rows', () => {
    // {0,1,2} {3} against {0,1} {2,3}: three pairs claimed, two real, one of them right.
    const measure = measureClusters(Int32Array.of(0, 0, 0, 1), ['a', 'a', 'b', 'b']);
    expect(measure).toEqual({ rows: 4, precision: 1 / 3, recall: 0.5, f1: 0.4, largest: 3 });
  });

  it('equals counting one pair after the other', () => {
    const row = fc.tuple(fc.nat(4), fc.constantFrom('a', 'b', 'c'));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        let [right, claimed, real] = [0, 0, 0];
        rows.forEach(([cluster, person], at) => {
          for (const [otherCluster, otherPerson] of rows.slice(at + 1)) {
            if (cluster === otherCluster) claimed += 1;
            if (person === otherPerson) real += 1;
            if (cluster === otherCluster && person === otherPerson) right += 1;
          }
        });
        const truth = rows.map(([, person]) => person);
        const clusters = Int32Array.from(rows, ([cluster]) => cluster);
        expect(measureClusters(clusters, truth)).toMatchObject(measurePairs(right, claimed, real));
        expect(truePairs(truth)).toBe(real);
      }),
    );
  });

  it('finds no fault where there is nothing to find', () => {
    expect(measurePairs(0, 0, 0)).toEqual({ precision: 1, recall: 1, f1: 1 });
    expect(measurePairs(0, 3, 3)).toEqual({ precision: 0, recall: 0, f1: 0 });
  });
});
