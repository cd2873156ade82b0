import { fingerprint, type ParsedEvent } from '@throughline/domain/ingestion';
import { instant, type LaneWrites } from './lane-work.js';

/** The event as it was applied, for timeline, look-back and rebuild, and its id for de-duplication. */
export function recordEvent(writes: LaneWrites, originId: string, event: ParsedEvent): void {
  const { ref } = event;
  writes.seen.push({
    message_id: event.messageId,
    fingerprint: fingerprint(event),
    seen_at: instant(ref.clock),
  });
  writes.events.push({
    customer_id: originId,
    position: ref.position,
    ordinal: ref.ordinal,
    clock: instant(ref.clock),
    event_time: instant(event.eventTime),
    original_time: event.originalTime === null ? null : instant(event.originalTime),
    message_id: event.messageId,
    type: event.type,
    name: event.name,
    source_key: event.sourceKey,
    hop: event.hop,
  });
  writes.eventBodies.push({
    identifiers: event.identifiers,
    previous: event.previous,
    traits: event.traits,
    properties: event.properties,
    context: event.context,
    consents: event.consents,
    imported: event.imported,
  });
}
