export type * from './types.js';
export {
  RulesComparison,
  type IdentityEvent,
  type RuleComparison,
  type RuleDifference,
} from './compare-rules.js';
export {
  IdentityDirectory,
  type IdentityAlert,
  type Placement,
  type Refusal,
  type Sighting,
} from './directory.js';
export { identifierKey, isBlocked, isIdentifierType, normaliseIdentifier } from './normalise.js';
export { resolveIdentity } from './resolve-identity.js';
export { compileRules, DEFAULT_DEFINITION, DEFAULT_RULES, ruleFor } from './rules.js';
