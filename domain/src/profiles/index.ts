export type * from './types.js';
export {
  applyTraits,
  mergeTraits,
  TRAIT_LIMITS,
  traitSources,
  traitValue,
  type AppliedTraits,
  type RefusedTrait,
} from './apply-traits.js';
