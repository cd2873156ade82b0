/** What a workspace wants predicted: of whom it is learnt, how far it looks ahead, and what is done with the answer. */
import { z } from 'zod';

const key = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/);
const eventName = z.string().min(1).max(255);
const path = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^.]+(\.[^.]+)*$/, 'a path of the properties, parts parted by dots');
const needed = z.int().min(0).max(10_000_000).optional();

export const PREDICTION_KINDS = ['value', 'churn', 'propensity'] as const;

/** Data below these refuses a training; those given here stand in place of ours. */
const GatesSchema = z.strictObject({
  buyers: needed.describe('customers who did the event'),
  historyDays: needed.describe('days since the first of them'),
  recentDays: needed.describe('days since the last of them, at most'),
  repeatBuyers: needed.describe('customers who did it three times or more'),
  doers: needed.describe('customers of whom the label is true'),
  nonDoers: needed.describe('customers of whom it is false'),
  eventTypes: needed.describe('different events that were seen'),
});

const BandsSchema = z
  .strictObject({
    medium: z.number().gt(0).lt(1).default(0.5).describe('probability from which it is medium'),
    high: z.number().gt(0).lt(1).default(0.75).describe('probability from which it is high'),
  })
  .refine(({ medium, high }) => medium < high, 'medium must lie below high');

export const PredictionSchema = z
  .strictObject({
    key,
    name: z.string().max(200).optional(),
    kind: z.enum(PREDICTION_KINDS),
    event: z.strictObject({
      name: eventName.describe('what customers do again and again: an order, a visit'),
      amount: path.optional().describe('path of its value in the properties; needed for a value'),
      orderId: path.optional().describe('path of its id: the same order twice counts once'),
    }),
    horizonDays: z.int().min(1).max(365).default(90).describe('how far it looks ahead'),
    lookbackDays: z.int().min(7).max(1_460).default(365).describe('how far it looks back'),
    label: z
      .strictObject({ event: eventName, did: z.boolean() })
      .optional()
      .describe('default: churn does not do the event within the horizon, propensity does'),
    features: z
      .strictObject({
        events: z.array(eventName).max(20).default([]).describe('events that are counted as well'),
      })
      .default({ events: [] }),
    schedule: z
      .strictObject({ everyHours: z.int().min(1).max(720) })
      .nullable()
      .default({ everyHours: 168 })
      .describe('null: only when somebody asks'),
    retrainDays: z
      .int()
      .min(1)
      .max(365)
      .default(30)
      .describe('age at which a model is trained anew'),
    gates: GatesSchema.default({}),
    bands: BandsSchema.default({ medium: 0.5, high: 0.75 }),
    minRows: z.int().min(10).max(1_000_000).default(200).describe('customers to learn of'),
    model: z.enum(['auto', 'logistic', 'boosting']).default('auto'),
    prefix: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,40}$/)
      .optional()
      .describe('begins the names of the traits it writes; default: the key, with _ for -'),
  })
  .refine(({ kind, event }) => kind !== 'value' || event.amount !== undefined, {
    path: ['event', 'amount'],
    message: 'a value needs the path of the amount',
  })
  .refine(({ horizonDays, lookbackDays }) => horizonDays <= lookbackDays, {
    path: ['lookbackDays'],
    message: 'must be at least the horizon',
  });

export type PredictionDefinition = z.output<typeof PredictionSchema>;
