export type * from './types.js';
export {
  changedSegments,
  type ChangedInputs,
  type ChangedSegments,
  type SegmentChange,
} from './changed-segments.js';
export { compileSegments, growth, type SegmentIndex } from './compile-segments.js';
export { countInto, updateFacts, type CountedEvent, type UpdatedFacts } from './count-facts.js';
export { describe } from './describe.js';
export { evaluate, isMember, nextChangeAt } from './evaluate.js';
export { extractFacts, factKey } from './facts.js';
export { matchesFilters, testOperator } from './match-filters.js';
export { mergeFacts } from './merge-facts.js';
export { dependents, referencesOf, segmentFaults } from './references.js';
