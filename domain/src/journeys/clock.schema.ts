import { z } from 'zod';
import { durationMs, isZone, minuteOfDay, WEEKDAYS } from '../shared/index.js';
import { durationSchema, JOURNEY_LIMITS } from './parts.schema.js';

/** Times of a person's own clock, as definitions write them. */

const DAY_MS = 86_400_000;

export const ZoneSchema = z
  .string()
  .max(64)
  .refine(isZone, 'the name of a time zone such as Europe/Berlin')
  .meta({ ui: { control: 'zone' } });

export const TimeSchema = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 09:30')
  .meta({ ui: { control: 'time' } });

/** 24:00 ends a day. */
const EndTimeSchema = z
  .string()
  .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day such as 20:00, at most 24:00')
  .meta({ ui: { control: 'time' } });

export const WeekdaysSchema = z
  .array(z.enum(WEEKDAYS))
  .min(1)
  .max(WEEKDAYS.length)
  .refine((days) => new Set(days).size === days.length, 'a day is named twice');

/** `from` and `to` of the same name would be a whole day, or nothing: nobody can tell which was meant. */
export const HoursSchema = z
  .strictObject({
    from: TimeSchema,
    to: EndTimeSchema,
    weekdays: WeekdaysSchema.exactOptional(),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'ends when it begins' })
  .meta({ ui: { control: 'hours' } });

/** Hours that leave time outside of themselves. */
export const QuietHoursSchema = HoursSchema.refine(
  ({ from, to, weekdays }) =>
    minuteOfDay(from) !== 0 || minuteOfDay(to) !== 1_440 || !isWholeWeek(weekdays),
  'leaves no time in which anything is sent',
);

function isWholeWeek(weekdays: readonly string[] | undefined): boolean {
  return weekdays === undefined || weekdays.length === WEEKDAYS.length;
}

const OffsetDurationSchema = durationSchema(0, JOURNEY_LIMITS.maxWaitMs);

export const OffsetSchema = z.union([
  z.strictObject({ before: OffsetDurationSchema }),
  z.strictObject({ after: OffsetDurationSchema }),
]);

/** From a time of a day: calendar days, which a change of the clocks does not shift. */
export const DayOffsetSchema = OffsetSchema.refine(
  (offset) => isWholeDays(offset),
  'whole days, because it counts from a time of a day',
);

export function isWholeDays(offset: z.infer<typeof OffsetSchema> | undefined): boolean {
  if (offset === undefined) return true;
  return (durationMs('before' in offset ? offset.before : offset.after) ?? 1) % DAY_MS === 0;
}
