import type {
  IdentifierLevel,
  IdentifierRule,
  IdentityRules,
  IdentityRulesDefinition,
  LimitWindow,
} from './types.js';

/** The rule of every type that has none of its own. */
const OTHER: IdentityRulesDefinition['identifiers'][number] = { type: '*', priority: 5, limit: 5 };

/** What holds in a workspace that said nothing else, and what its first draft begins with. Lower priority = stronger. */
export const DEFAULT_DEFINITION: IdentityRulesDefinition = {
  strategy: 'default',
  identifiers: [
    { type: 'user_id', priority: 1, limit: 1 },
    { type: 'email', priority: 2, limit: 5 },
    { type: 'phone', priority: 3, limit: 5 },
    { type: 'anonymous_id', priority: 4, limit: 100 },
    OTHER,
  ],
  blocked: { values: [], patterns: [] },
  hubProfiles: 100,
  caps: { identifiers: 1_000, merges: 100 },
};

/** Blocked in every workspace: what programs send when they mean nobody. */
const NOBODY = [
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
];

/** In high fidelity these link unless their rule says otherwise; everything else only comes along. */
const FAITHFUL: ReadonlySet<string> = new Set(['user_id', 'email', 'phone']);

/** The definition must have passed its schema: patterns are taken as safe. */
export function compileRules(definition: IdentityRulesDefinition): IdentityRules {
  const { strategy, identifiers, blocked, hubProfiles, caps } = definition;
  const own = identifiers.some(({ type }) => type === OTHER.type);
  return {
    identifiers: [...identifiers, ...(own ? [] : [OTHER])].map((rule) => ({
      type: rule.type,
      priority: rule.priority,
      limit: rule.limit,
      window: rule.window ?? 'ever',
      level: levelOf(strategy, rule),
    })),
    blocked: [...NOBODY, ...blocked.values.map((value) => value.toLowerCase())],
    patterns: blocked.patterns.map((pattern) => new RegExp(pattern, 'u')),
    hubProfiles,
    caps,
  };
}

function levelOf(
  strategy: IdentityRulesDefinition['strategy'],
  rule: { readonly type: string; readonly level?: IdentifierLevel },
): IdentifierLevel {
  switch (strategy) {
    case 'default':
      return 'primary';
    case 'high-fidelity':
      return rule.level ?? (FAITHFUL.has(rule.type) ? 'primary' : 'secondary');
    case 'custom':
      return rule.level ?? 'primary';
  }
}

export const DEFAULT_RULES: IdentityRules = compileRules(DEFAULT_DEFINITION);

const LAST_RESORT: IdentifierRule = { ...OTHER, window: 'ever', level: 'primary' };

export function ruleFor(rules: IdentityRules, type: string): IdentifierRule {
  return (
    rules.identifiers.find((rule) => rule.type === type) ??
    rules.identifiers.find((rule) => rule.type === OTHER.type) ??
    LAST_RESORT
  );
}

const DAY_MS = 86_400_000;
const WINDOW_MS: Readonly<Record<LimitWindow, number>> = {
  ever: Number.POSITIVE_INFINITY,
  yearly: 365 * DAY_MS,
  monthly: 30 * DAY_MS,
  weekly: 7 * DAY_MS,
};

/** Values first seen later than this count towards the limit of a rule. */
export function windowStart({ window }: IdentifierRule, now: number): number {
  return now - WINDOW_MS[window];
}
