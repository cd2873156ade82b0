export { PullSchema, type PullDefinition } from './pull.schema.js';
