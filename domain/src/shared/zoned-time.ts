/**
 * Wall clocks: which instant a local time is, in a zone of the IANA database. The only file that knows the library.
 *
 * Where clocks go forward, a time that they skip is the first minute after the gap; where they go back, a time that comes twice
 * is the first of the two, and only that one. A day that a zone has left out (Samoa, 30 December 2011) does not happen.
 */
import { Temporal } from 'temporal-polyfill';

export interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** In the order of ISO 8601. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** A time of day, and the days on which it counts; none named: every day. */
export interface LocalTime {
  readonly at: string;
  readonly weekdays?: readonly Weekday[];
}

const MINUTES = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MOST_ZONES = 2_000;
/** A week, and what a zone may leave out of one. */
const DAYS_AHEAD = 16;

const zones = new Map<string, boolean>();

/** Names only: an offset such as `+02:00` knows no daylight saving, so that nobody means it. */
export function isZone(zone: string): boolean {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  if (zone.length > 64 || !/^[A-Za-z]/.test(zone)) return false;
  const found = exists(zone);
  // Texts come from outside: what does not fit any more is looked up again.
  if (zones.size < MOST_ZONES) zones.set(zone, found);
  return found;
}

function exists(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

/** Minutes since midnight of `09:30`; `24:00` is the end of the day. */
export function minuteOfDay(text: string): number | undefined {
  const match = MINUTES.exec(text);
  if (match === null) return undefined;
  const [, hour = '24', minute = '0'] = match;
  return Number(hour) * 60 + Number(minute);
}

/** The instant at which the clocks of a zone show a minute of a day. */
export function instantOf(date: LocalDate, minute: number, zone: string): number {
  const local = plain(date).toPlainDateTime().add({ minutes: minute });
  const zoned = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (zoned.toPlainDateTime().equals(local)) return zoned.epochMilliseconds;
  // In a gap the earlier reading lies before it, and the gap ends at the transition that comes next.
  return zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? zoned.epochMilliseconds;
}

export function localDateOf(instant: number, zone: string): LocalDate {
  const { year, month, day } =
    Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
  return { year, month, day };
}

/** The next instant, later than `after`, at which the clocks of a zone show a time on one of its days. */
export function nextLocalTime(after: number, { at, weekdays }: LocalTime, zone: string): number {
  const minute = minuteOfDay(at) ?? 0;
  const today = localDateOf(after, zone);
  for (let ahead = -1; ahead <= DAYS_AHEAD; ahead += 1) {
    const date = addDays(today, ahead);
    if (weekdays !== undefined && !weekdays.includes(weekdayOf(date))) continue;
    if (!happens(date, zone)) continue;
    const instant = instantOf(date, minute, zone);
    if (instant > after) return instant;
  }
  return instantOf(addDays(today, DAYS_AHEAD), minute, zone);
}

export function weekdayOf(date: LocalDate): Weekday {
  return WEEKDAYS[plain(date).dayOfWeek - 1] ?? 'mon';
}

export function addDays(date: LocalDate, days: number): LocalDate {
  const { year, month, day } = plain(date).add({ days });
  return { year, month, day };
}

/** A day of the calendar such as `2000-02-29`, as text and nothing else. */
export function parseLocalDate(text: string): LocalDate | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const date = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
  return date.year >= 1 && isReal(date) ? date : undefined;
}

/** The day of the same name in another year; 29 February is the 28th where there is none. */
export function inYear({ month, day }: LocalDate, year: number): LocalDate {
  const found = Temporal.PlainDate.from({ year, month, day }, { overflow: 'constrain' });
  return { year: found.year, month: found.month, day: found.day };
}

function isReal({ year, month, day }: LocalDate): boolean {
  try {
    Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}

/** Whether a zone has any minute of the day: the end of the gap that swallows its midnight may be another day. */
export function happens(date: LocalDate, zone: string): boolean {
  const first = localDateOf(instantOf(date, 0, zone), zone);
  return first.year === date.year && first.month === date.month && first.day === date.day;
}

function plain({ year, month, day }: LocalDate): Temporal.PlainDate {
  return Temporal.PlainDate.from({ year, month, day });
}
