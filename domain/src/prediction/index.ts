/** What customers will probably do, and be worth: models, measures, and what is said of them. Pure; whoever calls brings the rows. */
export { bandOf, percentileIn, percentiles, type BandCuts } from './bands.js';
export { fitBoosting, type BoostingOptions } from './boosting.js';
export { calibrate, calibrated } from './calibrate.js';
export { cardMarkdown } from './card-markdown.js';
export { compareModels, type ModelContest } from './compare-models.js';
export { driftOf, spreadsOf, type Drift, type DriftLevel, type FeatureSpread } from './drift.js';
export {
  conditionalExpectedPurchases,
  expectedPurchases,
  medianTimeToNext,
  pAlive,
  probabilityOfNoPurchase,
  purchaseTail,
} from './dropout-formulas.js';
export {
  assertBeforeSnapshot,
  buildFeatures,
  type FeaturePlan,
  type PlannedFeature,
  type TimedInput,
} from './feature-plan.js';
export { labelledRows, rowAt, rowsOf, tableOf } from './feature-table.js';
export { fitBgNbd, fitMbgNbd } from './fit-dropout.js';
export { foldRows, stratifiedFolds } from './folds.js';
export {
  labelGates,
  purchaseGates,
  type GateOverrides,
  type LabelEvidence,
  type PurchaseEvidence,
} from './gates.js';
export { fitLogistic } from './logistic.js';
export { calibrationBins, measureBinary, type CalibrationBin } from './measure.js';
export { modelCard, type CardFacts, type MeasuredPeople, type ModelCard } from './model-card.js';
export { PLOTS, plotSvg, type Plot } from './plot-svg.js';
export { RFM_GROUPS, rfmGroup, type RfmGroup } from './rfm-group.js';
export { predict, predictAll, rawScore, rawScores, reasonsOf } from './scoring.js';
export { expectedSpend, fitGammaGamma, spendFrequencyCorrelation, type Spending } from './spend.js';
export {
  groupHistories,
  ordersAfter,
  summariseTransactions,
  type CustomerSummary,
  type SummaryOptions,
  type TransactionSummary,
} from './summarise.js';
export {
  averageHistory,
  lifetimeValue,
  reasonsOfHistory,
  valueWithin,
  type ExpectedValue,
  type LifetimeOptions,
  type SpendingHistory,
  type ValueModels,
} from './value.js';
export {
  listTraitNames,
  traitNames,
  traitsOfScore,
  type NamedPrediction,
  type ToldScore,
  type TraitNames,
} from './written-traits.js';
export type {
  Band,
  BinaryMeasures,
  BinaryModel,
  BoostingModel,
  Calibration,
  DropoutKind,
  DropoutModel,
  FeatureColumn,
  FeatureRow,
  FeatureTable,
  FeatureValue,
  Gate,
  LabelledTable,
  LogisticModel,
  PurchaseGroups,
  PurchaseHistory,
  Reason,
  ScoringModel,
  SpendModel,
} from './types.js';
