import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnionFind } from './clusters.js';

describe('UnionFind', () => {
  it('answers whether two were apart, and how many are together', () => {
    const sets = new UnionFind(4);
    expect(sets.union(0, 3)).toBe(true);
    expect(sets.union(3, 0)).toBe(false);
    expect(sets.sizeOf(3)).toBe(2);
    expect(sets.sizeOf(1)).toBe(1);
    expect([...sets.labels()]).toEqual([0, 1, 2, 0]);
  });

  it('makes the connected components, whatever the order', () => {
    const edge = fc.tuple(fc.nat(19), fc.nat(19));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 40 }), (edges) => {
        const [forth, back] = [new UnionFind(20), new UnionFind(20)];
        for (const [a, b] of edges) forth.union(a, b);
        for (const [a, b] of [...edges].reverse()) back.union(b, a);
        expect([...forth.labels()]).toEqual(slowly(20, edges));
        expect([...back.labels()]).toEqual(slowly(20, edges));
      }),
    );
  });
});

function slowly(rows: number, edges: readonly (readonly [number, number])[]): number[] {
  let labels = Array.from({ length: rows }, (_, row) => row);
  for (const [a, b] of edges)
    labels = labels.map((label) => (label === labels[b] ? (labels[a] ?? 0) : label));
  const order = [...new Set(labels)];
  return labels.map((label) => order.indexOf(label));
}
