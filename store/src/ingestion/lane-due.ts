import { dateTriggerDue } from '@throughline/domain/journeys';
import { changedSegments } from '@throughline/domain/segments';
import type { InputRef, StampedRef } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type { ApplyContext } from './lane-apply.js';
import { ensureBuilt } from './lane-build.js';
import { JourneyReactions } from './lane-journeys.js';
import { takeChanges } from './lane-membership.js';
import { DEFAULT_ZONE, earliest, nextDate, viewOf } from './lane-plan.js';
import type { CustomerWork, LaneWrites } from './lane-work.js';

/**
 * Transitions that come by time alone: a person leaves "bought in the last 30 days" at the millisecond it stops being true.
 * A transition due at d belongs to the first input whose clock has reached d, and is applied before it; so it is dated by the
 * log and not by the moment somebody got round to it, and any cut of the log into batches dates it the same.
 */

/** Before every ordinal of the input's own events, and each transition of a customer at one input has its own. */
const FIRST_ORDINAL = -1_000_000;

/** The inputs of a batch, in order: what a due time is dated by. */
export interface LaneStamp {
  readonly position: number;
  /** ms since epoch */
  readonly clock: number;
}

/** The input that a transition due at `due` belongs to; the last one for what is due later, which nobody asks. */
export function stampOf(stamps: readonly LaneStamp[]): (due: number) => number {
  return (due) => (stamps.find(({ clock }) => clock >= due) ?? stamps.at(-1))?.position ?? 0;
}

/** Applies what is due for a customer up to and including `upTo`, one instant after the other. */
export function settleDue(context: ApplyContext, customer: CustomerWork, upTo: number): void {
  while (customer.dueAt !== null && customer.dueAt <= upTo && customer.mergedInto === null) {
    const now = customer.dueAt;
    ensureBuilt(context, customer, { position: context.positionAt(now), clock: now });
    const { changes, due } = changedSegments(context.definitions.segments, {
      view: viewOf(customer),
      now,
      timed: true,
    });
    context.writes.due.set(customer.id, customer);
    customer.dueAt = earliest(due, nextDate(context.definitions, customer.traits, now));
    const ref = { ...nextRef(context, customer, now), clock: now };
    takeChanges(context, customer, { changes, ref, at: now, imported: false });
    fireDates(context, customer, ref);
  }
}

/** Journeys that begin at a date of the customer's: those whose instant this is. */
function fireDates(context: ApplyContext, customer: CustomerWork, ref: StampedRef): void {
  const due = context.definitions.dated.filter(
    ({ definition }) =>
      dateTriggerDue(definition, customer.traits, DEFAULT_ZONE, ref.clock - 1) === ref.clock,
  );
  if (due.length === 0) return;
  const reactions = new JourneyReactions(context, customer);
  for (const { key } of due) reactions.react({ kind: 'date', journey: key, ref, imported: false });
}

function nextRef(context: ApplyContext, customer: CustomerWork, now: number): InputRef {
  const position = context.positionAt(now);
  const last = customer.lastTransition;
  const ordinal = last?.position === position ? last.ordinal + 1 : FIRST_ORDINAL;
  customer.lastTransition = { position, ordinal };
  return customer.lastTransition;
}

/** Who is due by `clock`, the earliest first; at most `limit` of them. */
export async function readDue(
  client: Queryable,
  workspaceId: string,
  { clock, limit }: { readonly clock: string; readonly limit: number },
): Promise<string[]> {
  const { rows } = await client.query<{ customer_id: string }>({
    name: 'lane-due',
    text: `select customer_id from customer_due where workspace_id = $1 and due_at <= $2
            order by due_at, customer_id limit $3`,
    values: [workspaceId, clock, limit],
  });
  return rows.map((row) => row.customer_id);
}

/** One statement for all that moved: times to keep are written, those of people with nothing ahead of them go. */
export async function writeDue(
  client: Queryable,
  workspaceId: string,
  writes: LaneWrites,
): Promise<void> {
  if (writes.due.size === 0) return;
  const people = [...writes.due.values()];
  await client.query({
    name: 'lane-write-due',
    text: `with r as (select * from unnest($2::uuid[], $3::float8[]) as r(customer_id, due)),
           gone as (
             delete from customer_due d using r
              where d.workspace_id = $1 and d.customer_id = r.customer_id and r.due is null
           )
           insert into customer_due as d (workspace_id, customer_id, due_at)
           select $1, customer_id, to_timestamp(due / 1000) from r where due is not null
           on conflict (workspace_id, customer_id) do update set due_at = excluded.due_at`,
    values: [
      workspaceId,
      people.map(({ id }) => id),
      people.map(({ dueAt, mergedInto }) => (mergedInto === null ? dueAt : null)),
    ],
  });
}
