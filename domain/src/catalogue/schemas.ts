/** The zod door of the catalogue; the pure one is index.ts. */
export { AttributeSchema, CatalogueSchema } from './attribute.schema.js';
export { MappingSchema } from './mapping.schema.js';
