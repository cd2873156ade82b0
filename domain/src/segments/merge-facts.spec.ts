import { describe, expect, it } from '@jest/globals';
import { mergeFacts } from './merge-facts.js';
import type { Facts, FactState } from '../profiles/types.js';
import type { FactDefinition, Keep } from './types.js';

function merged(keep: Partial<Keep> | null, a: FactState, b: FactState): unknown {
  const fact: FactDefinition = {
    key: 'it',
    kind: 'count',
    event: 'Ordered',
    where: [],
    range: null,
    keep: { times: 0, first: false, last: false, ...keep },
  };
  const index = { fact: () => (keep === null ? undefined : fact) };
  const both = mergeFacts(index, { it: a }, { it: b });
  expect(mergeFacts(index, { it: b }, { it: a })).toEqual(both);
  return both['it'];
}

describe('mergeFacts', () => {
  const unknown = { fact: () => undefined };

  it('adds up, key by key', () => {
    expect(mergeFacts(unknown, { a: 1, b: 2 }, { b: 3, c: 4 })).toEqual({ a: 1, b: 5, c: 4 });
    expect(mergeFacts(unknown, {}, { toString: 2 })).toEqual({ toString: 2 });
  });

  it.each<[string, Partial<Keep> | null, FactState, FactState, unknown]>([
    ['the earlier first', { first: true }, { n: 1, f: 5 }, { n: 2, f: 3 }, { n: 3, f: 3 }],
    ['the later last', { last: true }, { n: 1, l: 5 }, { n: 2, l: 3 }, { n: 3, l: 5 }],
    [
      'the newest times of both',
      { times: 3 },
      { n: 9, t: [9, 5, 1] },
      { n: 2, t: [7, 5] },
      { n: 11, t: [9, 7, 5] },
    ],
    ['what one of them lacks', { first: true }, 4, { n: 2, f: 3 }, { n: 6, f: 3 }],
    [
      'only what is asked for',
      { last: true },
      { n: 1, f: 1, l: 1, t: [1] },
      { n: 1, l: 2 },
      { n: 2, l: 2 },
    ],
    ['a total where nothing more is asked for', {}, { n: 1, t: [1] }, { n: 1, t: [2] }, 2],
    [
      'everything of a fact nobody knows',
      null,
      { n: 1, t: [1] },
      { n: 1, f: 2, t: [2] },
      { n: 2, f: 2, t: [2, 1] },
    ],
  ])('keeps %s', (_label, keep, a, b, expected) => {
    expect(merged(keep, a, b)).toEqual(expected);
  });

  it('unites what is open by what either has answered', () => {
    const one: FactState = {
      k: { x: { b: null, a: [1, 4, 9] }, y: { b: 3, a: [] }, z: { b: 5, a: [6] } },
    };
    const other: FactState = { k: { x: { b: 4, a: [7, 9] }, z: { b: 2, a: [3, 5, 8] } } };
    expect(merged({}, one, other)).toEqual({
      k: { x: { b: 4, a: [7, 9] }, y: { b: 3, a: [] }, z: { b: 5, a: [6, 8] } },
    });
  });

  it('shares nothing with what it was given', () => {
    const one: Facts = { a: { n: 1, t: [1] }, x: { k: { '': { b: null, a: [1] } } } };
    const other: Facts = { b: { n: 1, t: [1] }, y: { k: { '': { b: null, a: [1] } } } };
    const before = JSON.stringify([one, other]);
    const both = mergeFacts(unknown, one, other);
    for (const state of Object.values(both)) {
      if (typeof state === 'number') continue;
      if ('n' in state) state.t?.push(0);
      else state.k['']?.a.push(2);
    }
    expect(JSON.stringify([one, other])).toBe(before);
  });
});
