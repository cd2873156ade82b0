import { applyConsents } from '@throughline/domain/consent';
import type { ParsedEvent } from '@throughline/domain/ingestion';
import type { Happening } from '@throughline/domain/journeys';
import { applyTraits } from '@throughline/domain/profiles';
import { InvariantBroken } from '@throughline/domain/shared';
import { changedSegments, updateFacts } from '@throughline/domain/segments';
import type { LaneDefinitions } from './lane-definitions.js';
import { JourneyReactions } from './lane-journeys.js';
import { absorb } from './lane-merge.js';
import { recordEvent } from './lane-record.js';
import {
  consentRow,
  instant,
  type CustomerWork,
  type LaneWrites,
  type ResolvedEvent,
} from './lane-work.js';

export interface ApplyContext {
  readonly workspaceId: string;
  readonly definitions: LaneDefinitions;
  readonly customers: Map<string, CustomerWork>;
  readonly writes: LaneWrites;
}

/**
 * Applies one event to its customer: merge, traits, consents, facts, segments, journeys, in this order and nothing else in
 * between. Pure over the loaded state, so that any cut of the log into batches comes to the same rows.
 */
export function applyEvent(context: ApplyContext, resolved: ResolvedEvent): void {
  const { event } = resolved;
  const customer = context.customers.get(resolved.customerId);
  if (!customer)
    throw new InvariantBroken('an event was resolved to a customer that was not loaded');
  const { writes } = context;
  writes.touched.set(customer.id, customer);
  writes.applied += 1;
  for (const ref of resolved.added) {
    writes.identifiersAdded.push({
      ...ref,
      customer_id: customer.id,
      at: instant(event.ref.clock),
      position: event.ref.position,
      ordinal: event.ref.ordinal,
    });
  }
  const absorbed = resolved.absorbed.map((id) =>
    absorb(context, { survivor: customer, absorbedId: id, event }),
  );
  recordEvent(writes, customer, event);
  const traitNames = takeTraits(writes, customer, event);
  takeConsents(writes, customer, event);
  takeSuppression(writes, event);
  const { facts, changedKeys } = updateFacts(context.definitions.segments, customer.facts, event);
  if (changedKeys.length > 0) customer.facts = facts;
  customer.changed ||=
    changedKeys.length > 0 || traitNames.length > 0 || absorbed.length > 0 || customer.isNew;
  customer.appliedPosition = event.ref.position;

  const reactions = new JourneyReactions(context, customer);
  reactions.react(happeningOf(event));
  const everything = absorbed.length > 0 || isFirstInput(customer, event);
  const changes = changedSegments(context.definitions.segments, {
    view: {
      traits: customer.traits,
      facts: customer.facts,
      segments: new Set(customer.members.keys()),
    },
    ...(everything ? {} : { changedTraits: traitNames, changedFacts: changedKeys }),
  });
  for (const { segment, change } of changes)
    takeMembership(context, { customer, event, segment, change }, reactions);
}

/** A person is measured against every segment once; afterwards only against those that read what changed. */
function isFirstInput(customer: CustomerWork, event: ParsedEvent): boolean {
  return (
    customer.isNew &&
    customer.first.position === event.ref.position &&
    customer.first.ordinal === event.ref.ordinal
  );
}

function happeningOf(event: ParsedEvent): Happening {
  return {
    kind: 'event',
    name: event.name,
    properties: event.properties,
    eventTime: event.eventTime,
    messageId: event.messageId,
    ref: event.ref,
    imported: event.imported,
  };
}

function takeTraits(writes: LaneWrites, customer: CustomerWork, event: ParsedEvent): string[] {
  if (Object.keys(event.traits).length === 0) return [];
  const { traits, changes } = applyTraits(customer.traits, event);
  // A repeated value is no change to anybody, but it carries a newer time, which an older, late one must meet.
  customer.changed ||= traits !== customer.traits;
  customer.traits = traits;
  for (const { name, value, previous } of changes) {
    writes.traitChanges.push({
      customer_id: customer.id,
      position: event.ref.position,
      ordinal: event.ref.ordinal,
      name,
      value,
      previous: previous ?? null,
      event_time: instant(event.eventTime),
      source_key: event.sourceKey,
    });
  }
  return changes.map((change) => change.name);
}

function takeConsents(writes: LaneWrites, customer: CustomerWork, event: ParsedEvent): void {
  if (event.consents.length === 0) return;
  const { consents, changes } = applyConsents(customer.consents, event);
  for (const consent of consents) {
    if (!customer.consents.includes(consent))
      writes.consents.push(consentRow(customer.id, consent, event.sourceKey));
  }
  customer.consents = [...consents];
  for (const { consent, previous } of changes) {
    writes.consentChanges.push({
      ...consentRow(customer.id, consent, event.sourceKey),
      previous: previous ?? null,
    });
  }
}

/** Only our own bounces suppress: a source cannot silence an address by sending an event of that name. */
function takeSuppression(writes: LaneWrites, event: ParsedEvent): void {
  if (event.customerId === null || event.name !== 'Message Bounced') return;
  const { addressHash, channel, permanent } = event.properties;
  if (permanent !== true || typeof addressHash !== 'string' || !/^[0-9a-f]{64}$/.test(addressHash))
    return;
  writes.suppressions.push({
    channel: typeof channel === 'string' ? channel : 'email',
    address_hash: addressHash,
    reason: 'hard_bounce',
    at: instant(event.ref.clock),
    position: event.ref.position,
  });
}

interface MembershipInput {
  readonly customer: CustomerWork;
  readonly event: ParsedEvent;
  readonly segment: string;
  readonly change: 'entered' | 'left';
}

function takeMembership(
  { definitions, writes }: ApplyContext,
  { customer, event, segment, change }: MembershipInput,
  reactions: JourneyReactions,
): void {
  const version = definitions.segmentVersions.get(segment) ?? 1;
  const { position, ordinal } = event.ref;
  if (change === 'entered')
    customer.members.set(segment, { version, since: event.eventTime, position, ordinal });
  else customer.members.delete(segment);
  writes.membershipChanges.push({
    customer_id: customer.id,
    position,
    ordinal,
    segment_key: segment,
    version,
    change,
    at: instant(event.eventTime),
    clock: instant(event.ref.clock),
  });
  reactions.react({ kind: 'segment', segment, change, ref: event.ref, imported: event.imported });
}
