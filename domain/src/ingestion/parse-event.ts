import { consentsOf } from '../consent/index.js';
import type { IdentifierRef } from '../identity/index.js';
import { isJsonObject, type Json, type JsonObject, type StampedRef } from '../shared/index.js';
import { eventTimeOf } from './event-time.js';
import { typeOf } from './event-type.js';
import { identifiersOf, takeId } from './identifiers.js';
import type { EventFault } from './inspect.js';
import { DERIVED_PREFIX, EVENT_LIMITS } from './limits.js';
import type { RawEvent } from './read-body.js';
import type { Endpoint, EventType, ParsedEvent, Rejection } from './types.js';
import { mergedContext, whatHappened, type Happened } from './what-happened.js';

export interface ReceivedContext {
  readonly ref: StampedRef;
  readonly sourceKey: string | null;
  readonly endpoint: Endpoint;
  /** ms since epoch: the clock of the log row */
  readonly receivedAt: number;
  /** of the body; the event's own comes first */
  readonly sentAt: Json | undefined;
  readonly hop: number;
  /** of a file or pull, whatever the event itself says */
  readonly imported?: boolean;
}

/** One event in Segment's shape becomes an event of ours, or a rejection that carries its text as sent. */
export function parseEvent(raw: RawEvent, received: ReceivedContext): ParsedEvent | Rejection {
  const parsed = raw.fault ?? parse(raw, received);
  if ('ref' in parsed) return parsed;
  return { ordinal: raw.ordinal, code: parsed.code, detail: parsed.detail, body: raw.text() };
}

function parse(raw: RawEvent, received: ReceivedContext): ParsedEvent | EventFault {
  const event = raw.value;
  if (!isJsonObject(event)) return { code: 'not_an_object', detail: 'the event is not an object' };
  if (received.hop >= EVENT_LIMITS.hop)
    return { code: 'hop_limit', detail: 'events that cause each other' };
  const type = typeOf(event, received.endpoint);
  if (typeof type !== 'string') return type;
  const context = mergedContext(event, raw.envelope);
  if ('code' in context) return context;
  const happened = whatHappened(type, event, context.object);
  if ('code' in happened) return happened;
  return assemble(event, { type, context: context.object, happened, received });
}

interface Parts {
  readonly type: EventType;
  readonly context: JsonObject;
  readonly happened: Happened;
  readonly received: ReceivedContext;
}

function assemble(
  event: JsonObject,
  { type, context, happened, received }: Parts,
): ParsedEvent | EventFault {
  const messageId = messageIdOf(event['messageId'], received.ref);
  if (typeof messageId !== 'string') return messageId;
  const time = eventTimeOf(
    {
      timestamp: event['timestamp'] ?? event['originalTimestamp'],
      sentAt: event['sentAt'] ?? received.sentAt,
    },
    received.receivedAt,
  );
  if ('code' in time) return time;
  const who = whoIsIt(type, event, { context, traits: happened.traits });
  if ('code' in who) return who;
  const consents = consentsOf({ name: happened.name, properties: happened.properties, context });
  if ('detail' in consents) return { code: 'invalid_field', detail: consents.detail };
  return {
    ref: received.ref,
    messageId,
    type,
    name: happened.name,
    sourceKey: received.sourceKey,
    eventTime: time.eventTime,
    originalTime: time.originalTime,
    identifiers: who.identifiers,
    previous: who.previous,
    customerId: null,
    traits: happened.traits,
    properties: happened.properties,
    context,
    consents,
    hop: received.hop,
    imported: received.imported === true || context['imported'] === true,
  };
}

interface Who {
  readonly identifiers: readonly IdentifierRef[];
  readonly previous: readonly IdentifierRef[];
}

const NOBODY: readonly IdentifierRef[] = [];

function whoIsIt(
  type: EventType,
  event: JsonObject,
  { context, traits }: { readonly context: JsonObject; readonly traits: JsonObject },
): Who | EventFault {
  const { userId, anonymousId } = event;
  const identifiers = identifiersOf({ userId, anonymousId, context, traits });
  if ('code' in identifiers) return identifiers;
  if (identifiers.length === 0) {
    return {
      code: 'missing_identity',
      detail: 'neither userId nor anonymousId nor another identifier',
    };
  }
  if (type !== 'alias') return { identifiers, previous: NOBODY };
  // Segment's previousId is the id a visitor had before; two user ids are never one person by an event's word alone.
  const previous: IdentifierRef[] = [];
  const fault = takeId(previous, 'anonymous_id', event['previousId']);
  if (fault !== null) return fault;
  if (previous.length === 0)
    return { code: 'missing_identity', detail: 'alias without previousId' };
  return { identifiers, previous };
}

function messageIdOf(id: Json | undefined, ref: StampedRef): string | EventFault {
  if (id === undefined || id === null || id === '')
    return `${DERIVED_PREFIX}${ref.position}.${ref.ordinal}`;
  const text = typeof id === 'number' ? String(id) : id;
  if (typeof text !== 'string')
    return { code: 'invalid_message_id', detail: 'messageId is not text' };
  if (text.length > EVENT_LIMITS.messageId) {
    return {
      code: 'invalid_message_id',
      detail: `messageId of more than ${EVENT_LIMITS.messageId} characters`,
    };
  }
  if (text.startsWith(DERIVED_PREFIX)) {
    return {
      code: 'invalid_message_id',
      detail: `${DERIVED_PREFIX} begins ids that we give ourselves`,
    };
  }
  return text;
}
