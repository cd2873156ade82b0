import { z } from 'zod';
import { PropertyFilterSchema } from '../segments/schemas.js';
import { faultsOf, ok, refuse, type Fault, type Result } from '../shared/index.js';
import { DayOffsetSchema, QuietHoursSchema, TimeSchema, ZoneSchema } from './clock.schema.js';
import {
  durationSchema,
  EventNameSchema,
  IdSchema,
  JOURNEY_LIMITS,
  KeySchema,
  matchSchema,
  PathSchema,
  StepIdSchema,
  textSchema,
} from './parts.schema.js';
import { DelayStepSchema } from './steps/delay.schema.js';
import { ExitStepSchema } from './steps/exit.schema.js';
import { MessageStepSchema } from './steps/message.schema.js';
import { RandomSplitStepSchema } from './steps/random-split.schema.js';
import { SendToDestinationStepSchema } from './steps/send-to-destination.schema.js';
import { SplitStepSchema } from './steps/split.schema.js';
import { UpdateProfileStepSchema } from './steps/update-profile.schema.js';
import { WaitForStepSchema } from './steps/wait-for.schema.js';
import { WindowStepSchema } from './steps/window.schema.js';
import type { JourneyDefinition } from './types.js';

/** The one shape of journeys: the API, files, stored versions, forms and OpenAPI come from it. */

export const StepSchema = z.discriminatedUnion('kind', [
  DelayStepSchema,
  WindowStepSchema,
  WaitForStepSchema,
  SplitStepSchema,
  RandomSplitStepSchema,
  MessageStepSchema,
  SendToDestinationStepSchema,
  UpdateProfileStepSchema,
  ExitStepSchema,
]);

export const TriggerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('event'),
    event: EventNameSchema,
    where: z.array(PropertyFilterSchema).max(JOURNEY_LIMITS.filters).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('segment'),
    segment: KeySchema,
    on: z.enum(['entered', 'left']),
  }),
  z.strictObject({
    kind: z.literal('date'),
    trait: textSchema(255).meta({ ui: { control: 'trait' } }),
    repeat: z.enum(['yearly', 'once']),
    at: TimeSchema,
    offset: DayOffsetSchema.exactOptional(),
  }),
]);

const DAY_MS = 86_400_000;

export const EntrySchema = z.discriminatedUnion('reentry', [
  z.strictObject({ reentry: z.literal('once') }),
  z.strictObject({
    reentry: z.literal('afterExit'),
    minGap: durationSchema(0, JOURNEY_LIMITS.maxWaitMs),
  }),
  z.strictObject({
    reentry: z.literal('perKey'),
    path: PathSchema,
    maxConcurrent: z.int().min(1).max(JOURNEY_LIMITS.openPerCustomer).default(10),
  }),
]);

const StepsSchema = z.record(IdSchema, StepSchema).check((ctx) => {
  const count = Object.keys(ctx.value).length;
  if (count >= 1 && count <= JOURNEY_LIMITS.steps) return;
  ctx.issues.push({
    code: 'custom',
    message: `a journey has 1 to ${JOURNEY_LIMITS.steps} steps`,
    input: ctx.value,
  });
});

export const JourneyDefinitionSchema = z
  .strictObject({
    key: KeySchema.meta({ title: 'Key' }),
    name: textSchema(200).meta({ title: 'Name' }),
    trigger: TriggerSchema.meta({ title: 'Begins with' }),
    entry: EntrySchema.default({ reentry: 'once' }).meta({ title: 'Entry' }),
    start: StepIdSchema.meta({ title: 'First step' }),
    steps: StepsSchema.meta({ title: 'Steps' }),
    exits: z
      .array(matchSchema({ id: IdSchema, reason: IdSchema.exactOptional() }))
      .max(JOURNEY_LIMITS.exits)
      .default([])
      .meta({ title: 'Leaves when' }),
    goals: z
      .array(
        matchSchema({
          id: IdSchema,
          window: durationSchema(1_000, JOURNEY_LIMITS.goalWindowMs)
            .exactOptional()
            .meta({ title: 'Counts for, from the entry' }),
        }),
      )
      .max(JOURNEY_LIMITS.goals)
      .default([])
      .meta({ title: 'Goals' }),
    purpose: KeySchema.nullable().default(null).meta({ title: 'Consent purpose' }),
    legalBasis: z
      .enum(['contract', 'legal_obligation', 'vital_interest'])
      .exactOptional()
      .meta({ title: 'Legal basis without consent' }),
    maxTriggerAge: durationSchema(1_000, 30 * DAY_MS)
      .default('PT1H')
      .meta({ title: 'Oldest event that begins it' }),
    messageExpiry: durationSchema(1_000, 30 * DAY_MS)
      .default('PT6H')
      .meta({ title: 'A message is worthless after' }),
    timezone: ZoneSchema.exactOptional().meta({ title: 'Time zone of people who have none' }),
    quietHours: QuietHoursSchema.exactOptional().meta({ title: 'Quiet hours' }),
    holdout: z
      .strictObject({
        percent: z.number().min(0).max(100),
        salt: textSchema(100).exactOptional(),
      })
      .exactOptional()
      .meta({ title: 'Left out, to compare with' }),
  })
  .meta({ title: 'Journey' });

/** A definition from outside, or its faults by path. */
export function parseJourney(value: unknown): Result<JourneyDefinition, readonly Fault[]> {
  const parsed = JourneyDefinitionSchema.safeParse(value);
  return parsed.success ? ok(parsed.data) : refuse(faultsOf(parsed.error));
}
