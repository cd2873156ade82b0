/** Predictions: what is known of customers as numbers, models, runs, scores. Traits change by inputs of the lane alone. */
export { readKnownCustomers, type KnownCustomer } from './features.js';
export { readHistoryFacts, readPurchases, type PurchaseHistory } from './purchases.js';
export {
  listPredictionsToSchedule,
  notePredictionScheduled,
  readLivePrediction,
  readPredictionVersion,
  type PredictionToSchedule,
} from './live.js';
export {
  readLiveModel,
  readModel,
  writeModel,
  type PredictionModel,
  type TrainedModel,
} from './models.js';
export { readCustomerScores, readScoredSample, type CustomerScore } from './read-scores.js';
export {
  askPrediction,
  beginPredictionRun,
  changePredictionRun,
  closePredictionRun,
  listOpenPredictionRuns,
  listPredictionRuns,
  lockPredictionRun,
  readPredictionRun,
  writePredictionRun,
  type PredictionPurpose,
  type PredictionRun,
} from './runs.js';
export { writeDraftPage, type DraftScore, type ValueScore } from './drafts.js';
export { publishScores, retireScores } from './scores.js';
