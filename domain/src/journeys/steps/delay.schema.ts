import { z } from 'zod';
import { isWholeDays, OffsetSchema, TimeSchema, WeekdaysSchema } from '../clock.schema.js';
import { StepIdSchema, textSchema, WaitDurationSchema } from '../parts.schema.js';

const LocalTimeSchema = z.strictObject({
  kind: z.literal('localTime'),
  at: TimeSchema.meta({ title: 'At' }),
  weekdays: WeekdaysSchema.exactOptional().meta({ title: 'On' }),
});

const DateSchema = z
  .strictObject({
    kind: z.literal('date'),
    trait: textSchema(255).meta({ title: 'Date in trait', ui: { control: 'trait' } }),
    offset: OffsetSchema.exactOptional().meta({ title: 'Before or after' }),
    at: TimeSchema.exactOptional().meta({ title: 'At' }),
    ifPast: z
      .union([z.enum(['continue', 'exit']), z.strictObject({ branch: StepIdSchema })])
      .default('continue')
      .meta({ title: 'When it is over, or there is none' }),
  })
  .refine(({ at, offset }) => at === undefined || isWholeDays(offset), {
    path: ['offset'],
    message: 'whole days, because it counts from a time of a day',
  });

export const DelayStepSchema = z
  .strictObject({
    kind: z.literal('delay'),
    duration: WaitDurationSchema.exactOptional().meta({ title: 'How long' }),
    until: z
      .discriminatedUnion('kind', [LocalTimeSchema, DateSchema])
      .exactOptional()
      .meta({ title: 'Until' }),
    next: StepIdSchema.meta({ title: 'Then' }),
  })
  .refine(({ duration, until }) => (duration === undefined) !== (until === undefined), {
    path: ['duration'],
    message: 'either a duration or until',
  })
  .meta({
    title: 'Wait',
    description: 'Waits for a length of time, or until a moment of the person’s own clock.',
    ui: { icon: 'clock' },
  });
