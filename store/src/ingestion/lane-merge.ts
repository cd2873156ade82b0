import { mergeConsents } from '@throughline/domain/consent';
import { mergeTraits } from '@throughline/domain/profiles';
import { changedSegments, mergeFacts } from '@throughline/domain/segments';
import { compareRefs, InvariantBroken, type StampedRef } from '@throughline/domain/shared';
import type { ApplyContext } from './lane-apply.js';
import { ensureBuilt } from './lane-build.js';
import { settleDue } from './lane-due.js';
import { takeChanges } from './lane-membership.js';
import { nextDate, noteDue, viewOf } from './lane-plan.js';
import { snapshotOf } from './lane-snapshot.js';
import { instant, type CustomerWork, type EnrolmentWork } from './lane-work.js';

interface MergeInput {
  readonly survivor: CustomerWork;
  readonly absorbedId: string;
  readonly ref: StampedRef;
  readonly cause: 'event' | 'operator';
}

/**
 * Two profiles become one: traits by event time, facts added up, the most restrictive consent, memberships united (the caller
 * measures them anew), enrolments handed over. Both are kept whole in the merge log, for an unmerge to start from.
 */
export function absorb(
  context: ApplyContext,
  { survivor, absorbedId, ref, cause }: MergeInput,
): CustomerWork {
  const absorbed = context.customers.get(absorbedId);
  if (!absorbed) throw new InvariantBroken('a customer is to be merged that was not loaded');
  settleDue(context, absorbed, ref.clock);
  ensureBuilt(context, absorbed, ref);
  if (absorbed.dueAt !== null) context.writes.due.set(absorbed.id, absorbed);
  const { writes } = context;
  writes.merges.push({
    position: ref.position,
    ordinal: ref.ordinal,
    rank: writes.merges.filter((merge) => compareRefs(merge, ref) === 0).length,
    survivor_id: survivor.id,
    absorbed_id: absorbed.id,
    at: instant(ref.clock),
    cause,
    survivor_state: snapshotOf(writes, survivor),
    absorbed_state: snapshotOf(writes, absorbed),
  });
  survivor.traits = mergeTraits(survivor.traits, absorbed.traits);
  survivor.facts = mergeFacts(context.definitions.segments, survivor.facts, absorbed.facts);
  survivor.consents = [...mergeConsents(survivor.consents, absorbed.consents)];
  // Whoever was in stays in without entering anew; the caller then measures the united person.
  for (const [segment, membership] of absorbed.members) {
    if (!survivor.members.has(segment)) survivor.members.set(segment, membership);
  }
  absorbed.members.clear();
  absorbed.consents = [];
  handOver(context, survivor, absorbed);
  absorbed.mergedInto = survivor.id;
  absorbed.changed = true;
  absorbed.appliedPosition = ref.position;
  writes.touched.set(absorbed.id, absorbed);
  return absorbed;
}

/** A merge that no event brought about; after one that an event did, the event itself has the united person measured. */
export function mergeAlone(context: ApplyContext, input: MergeInput): void {
  const { survivor, ref } = input;
  settleDue(context, survivor, ref.clock);
  ensureBuilt(context, survivor, ref);
  context.writes.touched.set(survivor.id, survivor);
  absorb(context, input);
  survivor.changed = true;
  survivor.appliedPosition = ref.position;
  const { changes, due } = changedSegments(context.definitions.segments, {
    view: viewOf(survivor),
    now: ref.clock,
  });
  noteDue(context, survivor, due);
  noteDue(context, survivor, nextDate(context.definitions, survivor.traits, ref.clock));
  takeChanges(context, survivor, { changes, ref, at: ref.clock, imported: false });
}

function handOver(context: ApplyContext, survivor: CustomerWork, absorbed: CustomerWork): void {
  for (const enrolment of absorbed.enrolments) {
    const rival = survivor.enrolments.find((other) => competes(context, other, enrolment));
    if (rival) supersede(context, loserOf(rival, enrolment));
    survivor.enrolments.push(enrolment);
  }
  absorbed.enrolments = [];
  survivor.enrolments = survivor.enrolments.filter(({ superseded }) => !superseded);
}

/** The same entry, or two open runs of a journey that takes a person in once at a time. */
function competes({ definitions }: ApplyContext, a: EnrolmentWork, b: EnrolmentWork): boolean {
  if (a.superseded || a.journeyKey !== b.journeyKey) return false;
  if (a.entryKey === b.entryKey) return true;
  const keyed = definitions.journey(a.journeyKey, a.version)?.entry.reentry === 'perKey';
  return !keyed && a.open && b.open;
}

/** The run with more deliveries goes on, then the older one. */
function loserOf(a: EnrolmentWork, b: EnrolmentWork): EnrolmentWork {
  if (a.deliveries !== b.deliveries) return a.deliveries < b.deliveries ? a : b;
  return compareRefs(a.enteredRef, b.enteredRef) <= 0 ? b : a;
}

function supersede({ writes }: ApplyContext, loser: EnrolmentWork): void {
  loser.superseded = true;
  writes.exits.push({
    enrolment_id: loser.id,
    exit_request: loser.open ? { reason: 'merged' } : null,
    superseded: true,
  });
  if (loser.open) writes.wakes.set(loser.id, loser.journeyKey);
}
