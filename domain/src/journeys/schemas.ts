/** The zod door of journeys; the pure one is index.ts. */
export {
  EntrySchema,
  JourneyDefinitionSchema,
  parseJourney,
  StepSchema,
  TriggerSchema,
} from './journey.schema.js';
export { JOURNEY_LIMITS } from './parts.schema.js';
