/** What somebody may like to buy next, from what is bought together. */
export type * from './types.js';
export { buildModel, MOST_IN_BASKET } from './build-model.js';
export { holdOut, type HoldOutOptions, type HoldOutScore } from './hold-out.js';
export { gainOf, measuresOf } from './measures.js';
export { recommendFor } from './recommend.js';
