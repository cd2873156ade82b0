export type * from './types.js';
export {
  applyTraits,
  mergeFacts,
  mergeTraits,
  TRAIT_LIMITS,
  traitSources,
  traitValue,
  type AppliedTraits,
  type RefusedTrait,
} from './apply-traits.js';
