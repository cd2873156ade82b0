export type * from './types.js';
export { identifierKey, isBlocked, isIdentifierType, normaliseIdentifier } from './normalise.js';
export { resolveIdentity } from './resolve-identity.js';
export { DEFAULT_RULES, ruleFor } from './rules.js';
