/** The zod door of identity; the pure one is index.ts. */
export { IdentityRulesSchema } from './rules.schema.js';
