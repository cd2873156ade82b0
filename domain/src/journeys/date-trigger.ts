import {
  addDays,
  happens,
  instantOf,
  inYear,
  localDateOf,
  minuteOfDay,
  type Json,
} from '../shared/index.js';
import type { Traits } from '../profiles/types.js';
import { dayOf, offsetDays, traitOf, ZONE_TRAIT, zoneOf } from './clock.js';
import type { DateTrigger, JourneyDefinition } from './types.js';

/** An offset of a year either way, and the year that a zone's calendar day may lie in. */
const YEARS_AROUND = [-2, -1, 0, 1, 2, 3] as const;

/**
 * The next instant, later than `now`, at which a journey's date comes for a person; null: never. Asked again when one of
 * `dateTriggerTraits` changes and when the instant has come.
 */
export function dateTriggerDue(
  definition: JourneyDefinition,
  traits: Traits,
  zoneDefault: string,
  now: number,
): number | null {
  const { trigger } = definition;
  if (trigger.kind !== 'date') return null;
  const zone = zoneOf(traits, definition, zoneDefault);
  return firesAt(trigger, { zone, value: traitOf(traits, trigger.trait) }, now);
}

/** Traits whose change calls for a new due time. */
export function dateTriggerTraits({ trigger }: JourneyDefinition): readonly string[] {
  return trigger.kind === 'date' ? [trigger.trait, ZONE_TRAIT] : [];
}

/** The next instant, later than `after`, of a date. A date that is none, or one that comes once and is over, has no next. */
export function firesAt(
  { repeat, at, offset }: DateTrigger,
  { zone, value }: { readonly zone: string; readonly value: Json | undefined },
  after: number,
): number | null {
  const day = dayOf(value, zone);
  if (day === undefined) return null;
  const { year } = localDateOf(after, zone);
  const days = repeat === 'once' ? [day] : YEARS_AROUND.map((around) => inYear(day, year + around));
  const instants = days
    .map((date) => addDays(date, offsetDays(offset)))
    .filter((date) => happens(date, zone))
    .map((date) => instantOf(date, minuteOfDay(at) ?? 0, zone))
    .filter((instant) => instant > after);
  return instants.length === 0 ? null : Math.min(...instants);
}
