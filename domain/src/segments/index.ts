export type * from './types.js';
export { changedSegments, type ChangedInputs, type SegmentChange } from './changed-segments.js';
export { compileSegments, type SegmentIndex } from './compile-segments.js';
export { describe } from './describe.js';
export { evaluate, isMember } from './evaluate.js';
export { countFacts, extractFacts, factKey, updateFacts, type UpdatedFacts } from './facts.js';
export { matchesFilters, testOperator } from './match-filters.js';
export { dependents, referencesOf, segmentFaults } from './references.js';
