import { describe, expect, it } from '@jest/globals';
import { compileRules, DEFAULT_DEFINITION, DEFAULT_RULES, ruleFor } from './rules.js';
import { IdentityRulesSchema } from './rules.schema.js';

const RULE = { type: 'user_id', priority: 1, limit: 1 };

function fault(body: unknown): string | undefined {
  return IdentityRulesSchema.safeParse(body).error?.issues[0]?.message;
}

describe('identity rules as an operator writes them', () => {
  it('are ours until somebody writes others', () => {
    expect(IdentityRulesSchema.parse(DEFAULT_DEFINITION)).toEqual(DEFAULT_DEFINITION);
    expect(compileRules(DEFAULT_DEFINITION)).toEqual(DEFAULT_RULES);
  });

  it('need no more than the types', () => {
    expect(IdentityRulesSchema.parse({ identifiers: [RULE] })).toEqual({
      ...DEFAULT_DEFINITION,
      identifiers: [RULE],
    });
  });

  it.each([
    [{ identifiers: [] }, 'Too small: expected array to have >=1 items'],
    [{ identifiers: [RULE, RULE] }, 'has a rule already'],
    [{ identifiers: [{ ...RULE, type: 'a b' }] }, 'a type of identifier, or *'],
    [
      { identifiers: [{ ...RULE, level: 'primary' }] },
      'levels belong to the strategies high-fidelity and custom',
    ],
    [{ strategy: 'custom', identifiers: [RULE] }, 'a custom strategy says the level of each type'],
    [{ identifiers: [RULE], blocked: { patterns: ['^(a+)+$'] } }, 'the pattern repeats a group'],
    [{ identifiers: [RULE], hubProfiles: 1 }, 'Too small: expected number to be >=2'],
  ])('%j is refused: %s', (body, message) => {
    expect(fault(body)).toBe(message);
  });

  it('keep the values that mean nobody blocked, whatever else is', () => {
    const rules = compileRules({
      ...DEFAULT_DEFINITION,
      blocked: { values: ['Kiosk'], patterns: ['^test-'] },
    });
    expect(rules.blocked).toEqual(expect.arrayContaining(['null', 'kiosk']));
    expect(rules.patterns).toEqual([/^test-/u]);
  });

  it('give each type its level by the strategy', () => {
    const levels = (strategy: 'default' | 'high-fidelity', level?: 'disabled') => {
      const phone = { type: 'phone', priority: 3, limit: 1, ...(level ? { level } : {}) };
      const rules = compileRules({ ...DEFAULT_DEFINITION, strategy, identifiers: [RULE, phone] });
      return ['user_id', 'phone', 'idfa'].map((type) => ruleFor(rules, type).level);
    };
    expect(levels('default')).toEqual(['primary', 'primary', 'primary']);
    expect(levels('high-fidelity')).toEqual(['primary', 'primary', 'secondary']);
    expect(levels('high-fidelity', 'disabled')).toEqual(['primary', 'disabled', 'secondary']);
  });
});
