import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnionFind } from './union-find.js';

/** The same by painting everybody who hangs together, again and again until nothing changes. */
function painted(edges: readonly (readonly string[])[]): number {
  const colours = new Map(edges.flat().map((key, index) => [key, index]));
  for (let changed = true; changed;) {
    changed = false;
    for (const edge of edges) {
      const least = Math.min(...edge.map((key) => colours.get(key) ?? 0));
      for (const key of edge) {
        if (colours.get(key) === least) continue;
        colours.set(key, least);
        changed = true;
      }
    }
  }
  return new Set(colours.values()).size;
}

describe('union and find', () => {
  it('counts what hangs together', () => {
    const graph = new UnionFind();
    expect(graph.components).toBe(0);
    graph.join(['a', 'b']);
    graph.join(['c']);
    expect(graph.components).toBe(2);
    graph.join(['c', 'd', 'b']);
    expect(graph.components).toBe(1);
    graph.join(['a', 'd']);
    expect(graph.components).toBe(1);
  });

  it('agrees with painting, whatever the edges', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const edges = fc.array(fc.array(key, { minLength: 1, maxLength: 3 }), { maxLength: 20 });
    fc.assert(
      fc.property(edges, (all) => {
        const graph = new UnionFind();
        for (const edge of all) graph.join(edge);
        expect(graph.components).toBe(painted(all));
      }),
    );
  });
});
