import { consentsOf } from '../consent/index.js';
import {
  isJsonList,
  isJsonObject,
  parseJson,
  type Json,
  type JsonObject,
} from '../shared/index.js';
import { inspect, type EventFault } from './inspect.js';
import { EVENT_LIMITS } from './limits.js';
import type { LogRow, ParsedEvent, Rejection } from './types.js';

/**
 * Our own events as they stand in the log: a JSON array of InternalEvent. They are made by our code, but of values that came
 * from outside (traits copied from a trigger), so the limits hold for them too.
 */
export function parseInternal(row: LogRow): (ParsedEvent | Rejection)[] {
  const body = row.body ?? '';
  const values = parseJson(body);
  if (!isJsonList(values)) {
    return [{ ordinal: 0, code: 'not_an_object', detail: 'the body is not a list', body }];
  }
  return values.map((value, ordinal) => {
    const parsed = parseOne(value, row, ordinal);
    if ('ref' in parsed) return parsed;
    return { ordinal, code: parsed.code, detail: parsed.detail, body: printed(value, parsed) };
  });
}

function parseOne(value: Json, row: LogRow, ordinal: number): ParsedEvent | EventFault {
  const { fault } = inspect(value, true);
  if (fault !== null) return fault;
  if (!isJsonObject(value)) return { code: 'not_an_object', detail: 'the event is not an object' };
  const { messageId, type, name, customerId, at, hop } = value;
  if (
    typeof messageId !== 'string' ||
    messageId === '' ||
    messageId.length > EVENT_LIMITS.messageId
  ) {
    return { code: 'invalid_message_id', detail: 'messageId is not an id' };
  }
  if (type !== 'track' && type !== 'identify') return { code: 'unknown_type', detail: 'type' };
  if (typeof name !== 'string' || name === '')
    return { code: 'missing_event_name', detail: 'name' };
  if (typeof customerId !== 'string') return { code: 'missing_identity', detail: 'customerId' };
  if (typeof at !== 'number') return { code: 'invalid_timestamp', detail: 'at' };
  const hops = typeof hop === 'number' ? Math.max(hop, row.hop) : row.hop;
  if (hops >= EVENT_LIMITS.hop)
    return { code: 'hop_limit', detail: 'events that cause each other' };
  const traits = isJsonObject(value['traits']) ? value['traits'] : NOTHING;
  const properties = isJsonObject(value['properties']) ? value['properties'] : NOTHING;
  const consents = consentsOf({ name, properties, context: NOTHING });
  if ('detail' in consents) return { code: 'invalid_field', detail: consents.detail };
  const eventTime = Math.min(at, row.clock + EVENT_LIMITS.ahead);
  return {
    ref: { position: row.position, ordinal, clock: row.clock },
    messageId,
    type,
    name,
    sourceKey: row.sourceKey,
    eventTime,
    originalTime: eventTime === at ? null : at,
    identifiers: [],
    previous: [],
    customerId,
    traits,
    properties,
    context: NOTHING,
    consents,
    hop: hops,
    imported: false,
  };
}

const NOTHING: JsonObject = {};

/** Printing recurses; what is too deep to be printed is told by its fault alone. */
function printed(value: Json, fault: EventFault): string {
  return fault.code === 'too_deep' ? '' : JSON.stringify(value);
}
