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

/** The address of a single call says what it is; in a batch the event does. */
export function typeOf(event: JsonObject, endpoint: Endpoint): EventType | EventFault {
  if (endpoint !== 'batch') return endpoint;
  const { type } = event;
  if (isEventType(type)) return type;
  return {
    code: 'unknown_type',
    detail: 'type is none of identify, track, page, screen, group, alias',
  };
}

function isEventType(type: Json | undefined): type is EventType {
  return typeof type === 'string' && Object.hasOwn(TYPES, type);
}
