import { mergeConsents } from '@throughline/domain/consent';
import type { ParsedEvent } from '@throughline/domain/ingestion';
import { mergeFacts, mergeTraits } from '@throughline/domain/profiles';
import { compareRefs, InvariantBroken } from '@throughline/domain/shared';
import type { ApplyContext } from './lane-apply.js';
import { instant, type CustomerWork, type EnrolmentWork } from './lane-work.js';

interface MergeInput {
  readonly survivor: CustomerWork;
  readonly absorbedId: string;
  readonly event: ParsedEvent;
}

/**
 * Two profiles become one: traits by event time, facts added up, the most restrictive consent, memberships united (the caller
 * measures them anew), enrolments handed over. The absorbed state is kept whole in the merge log, for an unmerge to start from.
 */
export function absorb(
  context: ApplyContext,
  { survivor, absorbedId, event }: MergeInput,
): CustomerWork {
  const absorbed = context.customers.get(absorbedId);
  if (!absorbed) throw new InvariantBroken('a customer is to be merged that was not loaded');
  context.writes.merges.push({
    position: event.ref.position,
    ordinal: event.ref.ordinal,
    survivor_id: survivor.id,
    absorbed_id: absorbed.id,
    at: instant(event.ref.clock),
    absorbed_state: {
      traits: absorbed.traits,
      facts: absorbed.facts,
      consents: absorbed.consents,
      members: [...absorbed.members.keys()],
      enrolments: absorbed.enrolments.map(({ id }) => id),
    },
  });
  survivor.traits = mergeTraits(survivor.traits, absorbed.traits);
  survivor.facts = mergeFacts(survivor.facts, absorbed.facts);
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
  absorbed.appliedPosition = event.ref.position;
  context.writes.touched.set(absorbed.id, absorbed);
  return absorbed;
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
