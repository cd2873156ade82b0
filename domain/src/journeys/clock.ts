import {
  addDays,
  durationMs,
  instantOf,
  isZone,
  localDateOf,
  minuteOfDay,
  parseLocalDate,
  parseTime,
  weekdayOf,
  type Json,
  type LocalDate,
} from '../shared/index.js';
import type { Traits } from '../profiles/types.js';
import type { Hours, JourneyDefinition, Offset, Step } from './types.js';

/** What journeys read off the person's own clock. Pure: the instant is always a parameter. */

/** The trait in which a person's zone stands; a change of it re-plans what waits for a time of their clock. */
export const ZONE_TRAIT = 'timezone';
/** The class of messages that nothing holds back for politeness: passwords, receipts. */
export const TRANSACTIONAL = 'transactional';
export const DEFAULT_ZONE = 'UTC';
const DAY_MS = 86_400_000;
/** Hours that begin on one day of the week come again within eight. */
const DAYS_AHEAD = 16;

/** The person's word, then the journey's, then the workspace's. */
export function zoneOf(
  traits: Traits,
  { timezone }: Pick<JourneyDefinition, 'timezone'>,
  zoneDefault = DEFAULT_ZONE,
): string {
  const named = traitOf(traits, ZONE_TRAIT);
  if (typeof named === 'string' && isZone(named)) return named;
  return timezone !== undefined && isZone(timezone) ? timezone : zoneDefault;
}

export function traitOf(traits: Traits, name: string): Json | undefined {
  return Object.hasOwn(traits, name) ? (traits[name]?.v ?? undefined) : undefined;
}

/** The day that a date trait names: as it is written, or where it is an instant, the day it falls on in the zone. */
export function dayOf(value: Json | undefined, zone: string): LocalDate | undefined {
  const written = typeof value === 'string' ? parseLocalDate(value) : undefined;
  if (written !== undefined) return written;
  const instant = parseTime(value);
  return instant === undefined ? undefined : localDateOf(instant, zone);
}

/** Whole days, for offsets from a day. */
export function offsetDays(offset: Offset | undefined): number {
  return Math.trunc(offsetMs(offset) / DAY_MS);
}

export function offsetMs(offset: Offset | undefined): number {
  if (offset === undefined) return 0;
  return 'before' in offset ? -(durationMs(offset.before) ?? 0) : (durationMs(offset.after) ?? 0);
}

/** When these hours end, where the instant lies within them; null: it does not. */
export function hoursEnd(hours: Hours, instant: number, zone: string): number | null {
  const around = addDays(localDateOf(instant, zone), -1);
  for (let ahead = 0; ahead <= 2; ahead += 1) {
    const span = spanOn(hours, addDays(around, ahead), zone);
    if (span !== null && span.from <= instant && instant < span.to) return span.to;
  }
  return null;
}

/** When these hours begin next, later than the instant. */
export function hoursBegin(hours: Hours, instant: number, zone: string): number {
  const around = addDays(localDateOf(instant, zone), -1);
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) {
    const span = spanOn(hours, addDays(around, ahead), zone);
    if (span !== null && span.from > instant) return span.from;
  }
  return instant + DAY_MS;
}

/** The first instant from here on that lies outside of these hours; hours that follow one another are one. */
export function hoursOver(hours: Hours, instant: number, zone: string): number {
  let at = instant;
  for (let spans = 0; spans < DAYS_AHEAD; spans += 1) {
    const end = hoursEnd(hours, at, zone);
    if (end === null) return at;
    at = end;
  }
  return at;
}

/** The end of the quiet hours that keep a step's message from going out now; null: none do. */
export function quietUntil(
  { definition, step }: { readonly definition: JourneyDefinition; readonly step: Step },
  traits: Traits,
  now: number,
): number | null {
  const { quietHours } = definition;
  if (quietHours === undefined || step.kind !== 'message' || step.class === TRANSACTIONAL)
    return null;
  const until = hoursOver(quietHours, now, zoneOf(traits, definition));
  return until > now ? until : null;
}

/** The hours that begin on a day; null where none do, or where a change of the clocks swallows them. */
function spanOn(
  { from, to, weekdays }: Hours,
  date: LocalDate,
  zone: string,
): { readonly from: number; readonly to: number } | null {
  if (weekdays !== undefined && !weekdays.includes(weekdayOf(date))) return null;
  const [opens, closes] = [minuteOfDay(from) ?? 0, minuteOfDay(to) ?? 0];
  const begin = instantOf(date, opens, zone);
  const end = instantOf(closes > opens ? date : addDays(date, 1), closes, zone);
  return begin < end ? { from: begin, to: end } : null;
}
