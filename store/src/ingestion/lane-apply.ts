import { applyConsents } from '@throughline/domain/consent';
import type { ParsedEvent } from '@throughline/domain/ingestion';
import type { Happening } from '@throughline/domain/journeys';
import { applyTraits } from '@throughline/domain/profiles';
import { InvariantBroken } from '@throughline/domain/shared';
import { changedSegments, countInto } from '@throughline/domain/segments';
import { ensureBuilt } from './lane-build.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { settleDue } from './lane-due.js';
import { nextDate, noteDue, viewOf } from './lane-plan.js';
import { JourneyReactions } from './lane-journeys.js';
import { takeChanges } from './lane-membership.js';
import { absorb } from './lane-merge.js';
import { takeGroup } from './lane-group.js';
import { recordEvent } from './lane-record.js';
import { replanWaits } from './lane-replan.js';
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
  /** the position of the first input whose clock has reached a due time */
  readonly positionAt: (due: number) => number;
}

/**
 * Applies one event to its customer: merge, traits, consents, facts, segments, journeys, in this order and nothing else in
 * between. Pure over the loaded state, so that any cut of the log into batches comes to the same rows.
 */
export function applyEvent(context: ApplyContext, resolved: ResolvedEvent): void {
  const { event, originId } = resolved;
  const customer = context.customers.get(resolved.customerId);
  if (!customer)
    throw new InvariantBroken('an event was resolved to a customer that was not loaded');
  const { writes } = context;
  settleDue(context, customer, event.ref.clock);
  ensureBuilt(context, customer, event.ref);
  writes.touched.set(customer.id, customer);
  writes.applied += 1;
  for (const ref of resolved.added) {
    writes.identifiersAdded.push({
      ...ref,
      customer_id: customer.id,
      origin_id: originId,
      at: instant(event.ref.clock),
      position: event.ref.position,
      ordinal: event.ref.ordinal,
    });
  }
  const absorbed = resolved.absorbed.map((id) =>
    absorb(context, { survivor: customer, absorbedId: id, ref: event.ref, cause: 'event' }),
  );
  recordEvent(writes, originId, event);
  takeGroup(writes, event);
  const traitNames = takeTraits(writes, customer, event);
  const moved = absorbed.length > 0 ? Object.keys(customer.traits) : traitNames;
  replanWaits(context, customer, moved, event.ref);
  takeConsents(writes, customer, event);
  takeSuppression(writes, event);
  const { segments } = context.definitions;
  const changedFacts = countInto(customer.facts, segments.factsByEvent(event.name), event);
  customer.changed ||=
    changedFacts.length > 0 || traitNames.length > 0 || absorbed.length > 0 || customer.isNew;
  customer.appliedPosition = event.ref.position;

  new JourneyReactions(context, customer, originId).react(happeningOf(event));
  const everything = absorbed.length > 0 || isFirstInput(customer, event);
  const { changes, due } = changedSegments(segments, {
    view: viewOf(customer),
    now: event.ref.clock,
    ...(everything ? {} : { changedTraits: traitNames, changedFacts }),
  });
  noteDue(context, customer, due);
  if (everything || traitNames.length > 0)
    noteDue(context, customer, nextDate(context.definitions, customer.traits, event.ref.clock));
  const { ref, imported } = event;
  takeChanges(context, customer, { changes, ref, at: event.eventTime, imported, originId });
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
  const { traits, changes, refused } = applyTraits(customer.traits, event);
  writes.refusedTraits += refused.length;
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

/** Only our own events suppress: a source cannot silence an address by sending one of that name. A complaint is for good. */
function takeSuppression(writes: LaneWrites, event: ParsedEvent): void {
  const isComplaint = event.name === 'Message Complained';
  if (event.customerId === null || !(isComplaint || event.name === 'Message Bounced')) return;
  const { addressHash, channel, permanent } = event.properties;
  if (!(isComplaint || permanent === true)) return;
  if (typeof addressHash !== 'string' || !/^[0-9a-f]{64}$/.test(addressHash)) return;
  writes.suppressions.push({
    channel: typeof channel === 'string' ? channel : 'email',
    address_hash: addressHash,
    reason: isComplaint ? 'complaint' : 'hard_bounce',
    at: instant(event.ref.clock),
    position: event.ref.position,
  });
}
