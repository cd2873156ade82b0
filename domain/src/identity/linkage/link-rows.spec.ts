import { beforeAll, describe, expect, it } from '@jest/globals';
import { makeBlocks, visitAllBlocks, type Blocks } from './blocks.js';
import { fitMixture, type Mixture } from './em.js';
import { linkRows, type Linkage } from './link-rows.js';
import { measureClusters, measurePairs, truePairs } from './measure.js';
import { learnBase } from './non-match.js';
import { PairLevels, PatternCounter } from './pair-levels.js';
import { usualMatches } from './matches.js';
import { exactRule, planBlocks, sureRules } from './rules.js';
import { PairScorer } from './score.js';
import { seededChance } from '../../shared/index.js';
import { finish } from './steps.js';
import { TableBuilder, type LinkageTable } from './table.js';
import { COLUMNS, makePeople, tableOf } from './testing/people.js';

describe('linkRows', () => {
  it('finds the people behind spoilt rows', () => {
    const people = makePeople({ seed: 1, people: 1_200 });
    const { clusters } = linkRows(tableOf(people));
    const { precision, recall } = measureClusters(clusters, people.truth);
    expect(precision).toBeGreaterThan(0.99);
    expect(recall).toBeGreaterThan(0.97);
  });

  it('does not make one person of a household', () => {
    const people = makePeople({ seed: 2, people: 1_500, household: 3 });
    const { clusters, model } = linkRows(tableOf(people));
    const { precision, recall } = measureClusters(clusters, people.truth);
    expect(precision).toBeGreaterThan(0.985);
    expect(recall).toBeGreaterThan(0.95);
    // Among strangers at one street, the surname agrees mostly: that is learnt, not told.
    const street = COLUMNS.indexOf('street');
    const surname = COLUMNS.indexOf('surname');
    expect(model.nonMatch.given[street]?.[surname]?.[0]).toBeGreaterThan(0.5);
    expect(model.nonMatch.base[surname]?.[0]).toBeLessThan(0.02);
  });

  it('stands rows in which every third field is wrong', () => {
    const people = makePeople({ seed: 3, people: 1_200, mistakes: 2.2, household: 2 });
    const { precision, recall } = measureClusters(linkRows(tableOf(people)).clusters, people.truth);
    expect(precision).toBeGreaterThan(0.97);
    expect(recall).toBeGreaterThan(0.8);
  });

  it('says nothing where nobody is there twice', () => {
    const people = makePeople({ seed: 4, people: 600 });
    const firsts = people.rows.filter((_, row) => people.truth[row] !== people.truth[row - 1]);
    const { edges } = linkRows(tableOf({ rows: firsts }));
    expect(edges.length).toBeLessThan(3);
  });

  it('works with five customers, of whom two are one', () => {
    const [ada, grace, alan] = makePeople({ seed: 5, people: 3, mistakes: 0 }).rows.filter(
      (row, at, all) => all.findIndex(({ email }) => email === row.email) === at,
    );
    if (ada === undefined || grace === undefined || alan === undefined)
      throw new TypeError('three');
    const again = { ...ada, email: '', given_name: `${ada.given_name}e`, phone: '' };
    const { clusters } = linkRows(tableOf({ rows: [grace, ada, alan, again] }));
    expect([...clusters]).toEqual([0, 1, 2, 1]);
  });

  it.each([0, 1])('takes a table of %d rows', (rows) => {
    const builder = new TableBuilder(['email']);
    for (let row = 0; row < rows; row += 1) builder.add(['ada@example.com']);
    const { clusters, edges } = linkRows(builder.build({ email: 'email' }));
    expect(clusters).toHaveLength(rows);
    expect(edges).toEqual([]);
  });

  it('gives the same answer every time', () => {
    const people = makePeople({ seed: 6, people: 300 });
    const [one, other] = [linkRows(tableOf(people)), linkRows(tableOf(people))];
    expect(one.edges).toEqual(other.edges);
    expect(one.clusters).toEqual(other.clusters);
  });

  it('keeps apart whom somebody has declared to be two', () => {
    const people = makePeople({ seed: 7, people: 200, mistakes: 0 });
    const [edge] = linkRows(tableOf(people)).edges;
    const mayJoin = (a: number, b: number): boolean =>
      !(Math.min(a, b) === edge?.left && Math.max(a, b) === edge.right);
    const { clusters } = linkRows(tableOf(people), { mayJoin });
    expect(clusters[edge?.left ?? 0]).not.toBe(clusters[edge?.right ?? 0]);
  });
});

describe('evidence', () => {
  it('names the level of each column, and no value', () => {
    const builder = new TableBuilder(['first name', 'last name', 'born']);
    builder.add(['Martha', 'Jones', '1971-06-24']);
    builder.add(['Marhta', 'Jones', '']);
    builder.add(['Jones', 'Martha', '1971-05-24']);
    const { explain } = linkRows(builder.build());
    expect(explain(0, 1).levels).toEqual({ 'first name': 'jaro_winkler_92', 'last name': 'exact' });
    expect(explain(0, 2).levels).toEqual({ 'first name': 'swapped', born: 'edit_1' });
  });
});

describe('a glance', () => {
  it('never gives up a pair that would have been heavy enough', () => {
    const people = makePeople({ seed: 8, people: 150, household: 3, mistakes: 1.5 });
    const table = tableOf(people);
    const { model } = linkRows(table);
    const scorer = new PairScorer(table, model);
    let gaveUp = 0;
    for (let left = 0; left < table.rows; left += 1) {
      for (let right = left + 1; right < table.rows; right += 1) {
        const weight = scorer.weigh(left, right);
        if (scorer.mayReach(left, right, weight - 1e-9)) continue;
        throw new TypeError(`gave up ${left} and ${right} at ${weight}`);
      }
      if (!scorer.mayReach(0, left, 4)) gaveUp += 1;
    }
    expect(gaveUp).toBeGreaterThan(table.rows / 2);
  });
});

describe('the order of training', () => {
  const people = makePeople({ seed: 9, people: 2_500, household: 2 });
  const table = tableOf(people);
  let ours: Linkage;

  beforeAll(() => {
    ours = linkRows(table, { threshold: 0.5 });
  });

  /** The trap: all blocked pairs, everything free. Every pair agrees on something, so "agrees on something" becomes the match. */
  it('holds where free EM over the blocked pairs collapses', () => {
    const narrow = tableOf(people, ['given_name', 'surname', 'city', 'postcode']);
    const blocks = narrow.columns.map((_, column) =>
      makeBlocks(exactRule(narrow, [column]), Number.POSITIVE_INFINITY),
    );
    const trap = freeFit(narrow, blocks);
    expect(trap.lambda / trap.realLambda).toBeGreaterThan(20);
    expect(scored(trap.claimed).f1).toBeLessThan(0.14);
    const { edges } = linkRows(narrow, { threshold: 0.5 });
    expect(scored(edges.map(({ left, right }) => [left, right])).f1).toBeGreaterThan(0.85);
  });

  it('finds how likely a match is, within a factor of two', () => {
    const all = (table.rows * (table.rows - 1)) / 2;
    const real = truePairs(people.truth) / all;
    expect(ours.model.lambda / real).toBeGreaterThan(0.5);
    expect(ours.model.lambda / real).toBeLessThan(2);
  });

  it('trains on blocks that cover every column', () => {
    const blocks = ours.model.training.map(({ block }) => block);
    expect(blocks).toEqual(expect.arrayContaining(['given_name', 'date_of_birth', 'email']));
    expect(blocks).toContain('given_name + surname');
  });

  it('blocks so that nearly every true pair is looked at', () => {
    let found = 0;
    visitAllBlocks(finish(planBlocks(table)), (left, right) => {
      if (people.truth[left] === people.truth[right]) found += 1;
    });
    expect(found / truePairs(people.truth)).toBeGreaterThan(0.985);
  });

  it('does not count sure pairs among strangers', () => {
    const levels = new PairLevels(table);
    const chance = seededChance(1);
    const sure = sureRules(table);
    const email = COLUMNS.indexOf('email');
    const base = finish(learnBase({ table, levels, sure, chance }));
    expect(base[email]?.[0]).toBeLessThan(1e-6);
  });

  function freeFit(narrow: LinkageTable, blocks: readonly Blocks[]) {
    const levels = new PairLevels(narrow);
    const buffer = new Int8Array(narrow.columns.length);
    const counter = new PatternCounter(buffer.length);
    let [blocked, real] = [0, 0];
    visitAllBlocks(blocks, (left, right) => {
      levels.read(left, right, buffer);
      counter.add(buffer);
      blocked += 1;
      if (people.truth[left] === people.truth[right]) real += 1;
    });
    const sure = sureRules(narrow);
    const u = finish(learnBase({ table: narrow, levels, sure, chance: seededChance(1) }));
    const { mixture } = fitMixture(counter.patterns(), {
      start: { lambda: 0.3, m: usualMatches(levels), u },
      free: { lambda: true, m: true, u: true },
    });
    const claimed: [number, number][] = [];
    visitAllBlocks(blocks, (left, right) => {
      levels.read(left, right, buffer);
      if (oddsOf(mixture, buffer) >= 1) claimed.push([left, right]);
    });
    return { lambda: mixture.lambda, realLambda: real / blocked, claimed };
  }

  function scored(pairs: readonly (readonly [number, number])[]) {
    const right = pairs.filter(([a, b]) => people.truth[a] === people.truth[b]).length;
    return measurePairs(right, pairs.length, truePairs(people.truth));
  }
});

function oddsOf({ lambda, m, u }: Mixture, levels: Int8Array): number {
  return levels.reduce(
    (odds, level, column) =>
      level < 0 ? odds : (odds * (m[column]?.[level] ?? 0)) / (u[column]?.[level] ?? 1),
    lambda / (1 - lambda),
  );
}
