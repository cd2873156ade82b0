import { dateTriggerDue } from '@throughline/domain/journeys';
import type { Traits } from '@throughline/domain/profiles';
import type { ApplyContext } from './lane-apply.js';
import type { LaneDefinitions } from './lane-definitions.js';
import type { CustomerWork } from './lane-work.js';

/** When something next happens to a customer by time alone. */

/** Where neither the person nor the journey names a zone. */
export const DEFAULT_ZONE = 'UTC';

/** The next instant at which a journey begins for somebody with these traits; null: none does. */
export function nextDate({ dated }: LaneDefinitions, traits: Traits, now: number): number | null {
  return dated.reduce<number | null>(
    (next, { definition }) => earliest(next, dateTriggerDue(definition, traits, DEFAULT_ZONE, now)),
    null,
  );
}

export function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** An earlier time is noted; a later one is not, because asking too early costs less than a write per event. */
export function noteDue(context: ApplyContext, customer: CustomerWork, due: number | null): void {
  if (due === null || (customer.dueAt !== null && customer.dueAt <= due)) return;
  customer.dueAt = due;
  context.writes.due.set(customer.id, customer);
}

export function viewOf({ traits, facts, members }: CustomerWork) {
  return { traits, facts, segments: new Set(members.keys()) };
}
