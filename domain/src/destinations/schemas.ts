/** The zod door of destinations; the pure one is index.ts. */
export { AudienceSchema } from './audience.schema.js';
export { CapRuleSchema, CapsDocumentSchema } from './caps.schema.js';
