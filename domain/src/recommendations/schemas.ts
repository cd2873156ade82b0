export {
  ItemSchema,
  ItemsSchema,
  RecommendationSettingsSchema,
  type Item,
  type RecommendationSettings,
} from './recommendation.schema.js';
export { PersonalisationSchema, type Personalisation } from './personalisation.schema.js';
