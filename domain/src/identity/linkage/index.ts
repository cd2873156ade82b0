/** Probabilistic linkage: which rows are probably one person, and why. Pure; whoever calls brings the rows. */
export { makeBlocks, visitAllBlocks, type Blocks, type BlockRule } from './blocks.js';
export { fitMixture, type Fit, type FitOptions, type Mixture, type Patterns } from './em.js';
export { COLUMN_KINDS, kindOfName, kindOfWord, type ColumnKind } from './kinds.js';
export {
  DEFAULT_THRESHOLD,
  linkInSteps,
  linkRows,
  type Edge,
  type Linkage,
  type LinkOptions,
  type PairEvidence,
} from './link-rows.js';
export { measureClusters, measurePairs, truePairs, type LinkageMeasure } from './measure.js';
export { TableBuilder, type KnownKinds, type LinkageTable } from './table.js';
export type { Steps } from './steps.js';
