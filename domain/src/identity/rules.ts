import type { IdentifierRule, IdentityRules } from './types.js';

/** The rule of every type that has none of its own. */
const OTHER: IdentifierRule = { type: '*', priority: 5, limit: 5 };

/** What holds in a workspace that said nothing else. Lower priority = stronger. */
export const DEFAULT_RULES: IdentityRules = {
  identifiers: [
    { type: 'user_id', priority: 1, limit: 1 },
    { type: 'email', priority: 2, limit: 5 },
    { type: 'phone', priority: 3, limit: 5 },
    { type: 'anonymous_id', priority: 4, limit: 100 },
    OTHER,
  ],
  blocked: [
    'null',
    'undefined',
    'anonymous',
    'none',
    'nil',
    'nan',
    'n/a',
    'unknown',
    'invalid',
    'guest',
    'true',
    'false',
    '-1',
    '0',
    '[object object]',
  ],
};

export function ruleFor(rules: IdentityRules, type: string): IdentifierRule {
  return (
    rules.identifiers.find((rule) => rule.type === type) ??
    rules.identifiers.find((rule) => rule.type === '*') ??
    OTHER
  );
}
