export {
  PREDICTION_KINDS,
  PredictionSchema,
  type PredictionDefinition,
} from './definition.schema.js';
export {
  StoredModelSchema,
  type RfmCuts,
  type StoredBinary,
  type StoredModel,
  type StoredValue,
} from './model.schema.js';
export { ModelCardSchema } from './card.schema.js';
