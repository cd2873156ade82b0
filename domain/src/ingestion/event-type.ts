import type { Json, JsonObject } from '../shared/index.js';
import type { EventFault } from './inspect.js';
import type { Endpoint, EventType } from './types.js';

const TYPES: Readonly<Record<EventType, true>> = {
  identify: true,
  track: true,
  page: true,
  screen: true,
  group: true,
  alias: true,
};

/** What a payload is called that came in and that the mapping of its source rejected: it is kept, to be mapped again. */
export const UNMAPPED = 'unmapped';

/** The address of a single call says what it is; in a batch the event does. */
export function typeOf(event: JsonObject, endpoint: Endpoint): EventType | EventFault {
  if (endpoint !== 'batch') return endpoint;
  const { type } = event;
  if (isEventType(type)) return type;
  if (type === UNMAPPED) return { code: 'mapping_rejected', detail: textOf(event['detail']) };
  return {
    code: 'unknown_type',
    detail: 'type is none of identify, track, page, screen, group, alias',
  };
}

function textOf(detail: Json | undefined): string {
  return typeof detail === 'string' ? detail.slice(0, 500) : 'no mapping could read it';
}

function isEventType(type: Json | undefined): type is EventType {
  return typeof type === 'string' && Object.hasOwn(TYPES, type);
}
