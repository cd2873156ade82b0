import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RulesComparison } from './compare-rules.js';
import { compileRules, DEFAULT_DEFINITION, DEFAULT_RULES } from './rules.js';
import type { IdentifierRef, IdentityRules } from './types.js';

function emailLimit(limit: number): IdentityRules {
  return compileRules({
    ...DEFAULT_DEFINITION,
    identifiers: [
      { type: 'user_id', priority: 2, limit: 5 },
      { type: 'email', priority: 1, limit },
    ],
  });
}

function compare(log: readonly string[], before: IdentityRules, after: IdentityRules) {
  const comparison = new RulesComparison(before, after);
  for (const [index, text] of log.entries()) {
    const at = { position: index + 1, ordinal: 0, clock: index };
    comparison.take({ at, identifiers: refs(text) });
  }
  return comparison.result();
}

function refs(text: string): IdentifierRef[] {
  const types: Readonly<Record<string, string>> = { u: 'user_id', e: 'email' };
  return text.split(' ').map((value) => ({ type: types[value.charAt(0)] ?? 'other', value }));
}

describe('two sets of rules over the same events', () => {
  const log = ['e1 u1', 'e2 u2', 'e3 u1', 'e4 u9'];

  it('says who would fall apart', () => {
    const result = compare(log, emailLimit(5), emailLimit(1));
    expect(result).toMatchObject({ events: 4, before: 3, after: 4, merges: 0, splits: 1 });
    expect(result.samples).toEqual([{ kind: 'split', groups: [refs('e1 u1'), refs('e3')] }]);
  });

  it('says who would become one', () => {
    const result = compare(log, emailLimit(1), emailLimit(5));
    expect(result).toMatchObject({ before: 4, after: 3, merges: 1, splits: 0 });
    expect(result.samples).toEqual([{ kind: 'merge', groups: [refs('e1 u1'), refs('e3')] }]);
  });

  it('counts events that nobody would be found for', () => {
    const blocking = compileRules({
      ...DEFAULT_DEFINITION,
      blocked: { values: ['e4', 'u9'], patterns: [] },
    });
    expect(compare(log, DEFAULT_RULES, blocking)).toMatchObject({
      refusedBefore: 0,
      refusedAfter: 1,
    });
  });

  it('shows twenty of many', () => {
    const many = Array.from({ length: 50 }, (_, n) => [`e${n} u${n}`, `e${n}b u${n}`]).flat();
    const result = compare(many, emailLimit(5), emailLimit(1));
    expect(result.splits).toBe(50);
    expect(result.samples).toHaveLength(20);
  });

  it('honours what was separated, under both', () => {
    const comparison = new RulesComparison(emailLimit(5), emailLimit(5));
    const [e, u] = refs('e1 u2');
    if (e && u) comparison.separate(e, u);
    for (const [index, text] of ['e1', 'u2', 'e1 u2'].entries())
      comparison.take({ at: { position: index, ordinal: 0, clock: 0 }, identifiers: refs(text) });
    expect(comparison.result()).toMatchObject({ before: 2, after: 2 });
  });

  it('finds no difference between rules and themselves', () => {
    const word = fc.constantFrom('e1', 'e2', 'e3', 'u1', 'u2', 'u3');
    const event = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), fc.integer({ min: 1, max: 3 }), (logs, n) => {
        const result = compare(logs, emailLimit(n), emailLimit(n));
        expect(result).toMatchObject({ merges: 0, splits: 0, samples: [] });
        expect(result.before).toBe(result.after);
      }),
    );
  });
});
