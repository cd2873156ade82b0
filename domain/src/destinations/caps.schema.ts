import { z } from 'zod';
import { durationMs } from '../shared/index.js';
import type { CapsDocument } from './types.js';

/** Frequency caps as an operator writes them: one document for a workspace. */

const DAY_MS = 86_400_000;
const MOST_RULES = 20;
const MOST_MESSAGES = 1_000;

const ClassSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    'lower case letters, digits, - and _, at most 63 characters',
  );

/** Of these a cap counts; the exempt class is under none. */
const CountedClassSchema = ClassSchema.refine(
  (name) => name !== 'transactional',
  'transactional messages are under no cap',
);

const WindowSchema = z
  .union([
    z.string().max(64),
    z.strictObject({
      weeks: z.number().min(0).exactOptional(),
      days: z.number().min(0).exactOptional(),
      hours: z.number().min(0).exactOptional(),
      minutes: z.number().min(0).exactOptional(),
    }),
  ])
  .refine((per) => {
    const ms = durationMs(per) ?? 0;
    return ms >= 60_000 && ms <= 90 * DAY_MS;
  }, 'a duration from a minute to 90 days, such as P1D or { "hours": 12 }');

export const CapRuleSchema = z
  .strictObject({
    channel: z.enum(['email', 'sms', 'push']),
    class: CountedClassSchema.exactOptional().meta({
      description: 'the one class that counts; default: all but transactional',
    }),
    per: WindowSchema.meta({ description: 'length of the rolling window' }),
    max: z.int().min(1).max(MOST_MESSAGES),
    slots: z
      .record(CountedClassSchema, z.int().min(1).max(MOST_MESSAGES))
      .exactOptional()
      .meta({ description: 'room that is kept for a class' }),
  })
  .refine(({ max, slots }) => sum(slots) <= max, {
    path: ['slots'],
    message: 'more slots than messages',
  })
  .refine((rule) => rule.class === undefined || rule.slots === undefined, {
    path: ['slots'],
    message: 'a rule for one class has nobody to keep room for',
  });

export const CapsDocumentSchema: z.ZodType<CapsDocument> = z
  .strictObject({ rules: z.array(CapRuleSchema).max(MOST_RULES).default([]) })
  .meta({ title: 'Frequency caps' });

function sum(slots: Readonly<Record<string, number>> | undefined): number {
  return Object.values(slots ?? {}).reduce((all, one) => all + one, 0);
}
