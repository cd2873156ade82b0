/** The zod door of destinations; the pure one is index.ts. */
export { CapRuleSchema, CapsDocumentSchema } from './caps.schema.js';
