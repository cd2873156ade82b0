/** Identifiers and merges as the API reads them; only the lane writes them. */
export { readIdentifiers, readMerges, type IdentifierRow, type MergeRow } from './identifiers.js';
