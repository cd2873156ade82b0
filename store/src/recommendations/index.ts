/** Items, the model of what is bought together, and what pages may be told of their visitors. */
export {
  buildRecommendations,
  publishRecommendations,
  type Build,
  type CountedModel,
} from './build.js';
export { deleteItem, listItems, putItems, type ItemRow } from './items.js';
export {
  findVisitor,
  putPersonalisation,
  readPersonalisation,
  type VisitorWanted,
} from './personalisation.js';
export {
  readRecommendations,
  type RecommendationsWanted,
  type RecommendedItem,
} from './recommend.js';
export {
  askRefresh,
  cancelRefresh,
  listOpenRefreshes,
  listRefreshes,
  readRefresh,
  writeRefresh,
  type RecommendationRun,
} from './runs.js';
export {
  applyRefreshSchedules,
  putRecommendationSettings,
  readRecommendationSettings,
} from './settings.js';
