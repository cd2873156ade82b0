import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeBlocks, visitAllBlocks, visitPairs } from './blocks.js';
import { PAIRS_PER_STEP } from './steps.js';

const NO_LIMIT = Number.POSITIVE_INFINITY;

function blocksOf(keys: readonly number[], budget = NO_LIMIT) {
  return makeBlocks({ name: 'test', forces: [], keys: Int32Array.from(keys) }, budget);
}

function pairs(...rules: readonly (readonly number[])[]): string[] {
  const seen: string[] = [];
  visitAllBlocks(
    rules.map((keys) => blocksOf(keys)),
    (a, b) => seen.push(`${Math.min(a, b)}-${Math.max(a, b)}`),
  );
  return seen;
}

describe('blocks', () => {
  it('join rows of one key, and never those without', () => {
    expect(pairs([0, 1, 0, -1, -1, 0]).sort()).toEqual(['0-2', '0-5', '2-5']);
  });

  it('count a pair once, by the first rule that makes it', () => {
    expect(pairs([0, 0, 1, -1], [5, 5, 5, 5])).toEqual(['0-1', '0-2', '0-3', '1-2', '1-3', '2-3']);
  });

  it('make the union of all rules, each pair once', () => {
    const keys = fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(keys, { minLength: 1, maxLength: 4 }), (rules) => {
        const wanted: string[] = [];
        for (let a = 0; a < 12; a += 1) {
          for (let b = a + 1; b < 12; b += 1) {
            const joins = rules.some((rule) => rule[a] === rule[b] && (rule[a] ?? -1) >= 0);
            if (joins) wanted.push(`${a}-${b}`);
          }
        }
        expect(pairs(...rules).sort()).toEqual(wanted.sort());
      }),
    );
  });

  it('leave out the largest once the budget is spent, and let others make their pairs', () => {
    const keys = [0, 0, 1, 1, 1, 1, 2, 2];
    const { cap, pairs: counted } = blocksOf(keys, 3);
    expect([cap, counted]).toEqual([2, 2]);
    const seen: string[] = [];
    const rules = [blocksOf(keys, 3), blocksOf([-1, -1, 7, 7, -1, -1, -1, -1])];
    visitAllBlocks(rules, (a, b) => seen.push(`${a}-${b}`));
    expect(seen).toEqual(['0-1', '6-7', '2-3']);
  });

  it('stop every few thousand pairs, even inside one huge block', () => {
    let visited = 0;
    let most = 0;
    const steps = visitPairs([blocksOf(new Array<number>(400).fill(0))], () => {
      visited += 1;
    });
    for (let before = 0; steps.next().done !== true; before = visited)
      most = Math.max(most, visited - before);
    expect(visited).toBe((400 * 399) / 2);
    expect(most).toBeLessThan(PAIRS_PER_STEP + 400);
  });
});
