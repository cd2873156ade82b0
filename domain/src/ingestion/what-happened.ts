import { assertNever, isJsonObject, type Json, type JsonObject } from '../shared/index.js';
import type { EventFault } from './inspect.js';
import { EVENT_LIMITS } from './limits.js';
import type { EventType } from './types.js';

/** What segments and journeys see of an event, whichever of Segment's calls it came by. */
export interface Happened {
  readonly name: string;
  /** traits of the person */
  readonly traits: JsonObject;
  readonly properties: JsonObject;
}

const EMPTY: JsonObject = {};

export function whatHappened(
  type: EventType,
  event: JsonObject,
  context: JsonObject,
): Happened | EventFault {
  const known = objectAt(context, 'traits', 'context.traits');
  if ('code' in known) return known;
  switch (type) {
    case 'track':
      return tracked(event, known.object);
    case 'identify':
      return identified(event, known.object);
    case 'page':
      return viewed('Page Viewed', event, known.object);
    case 'screen':
      return viewed('Screen Viewed', event, known.object);
    case 'group':
      return grouped(event, known.object);
    case 'alias':
      return { name: 'Alias', traits: known.object, properties: EMPTY };
    default:
      return assertNever(type);
  }
}

function tracked(event: JsonObject, traits: JsonObject): Happened | EventFault {
  const name = event['event'];
  if (name === undefined || name === null)
    return { code: 'missing_event_name', detail: 'track without event' };
  if (typeof name !== 'string') return { code: 'invalid_field', detail: 'event is not text' };
  if (name.trim() === '') return { code: 'missing_event_name', detail: 'event is blank' };
  if (name.length > EVENT_LIMITS.name) {
    return { code: 'name_too_long', detail: `event of more than ${EVENT_LIMITS.name} characters` };
  }
  const properties = objectAt(event, 'properties', 'properties');
  return 'code' in properties ? properties : { name, traits, properties: properties.object };
}

/** Some senders put the traits of identify into the context; the call's own are nearer. */
function identified(event: JsonObject, known: JsonObject): Happened | EventFault {
  const traits = objectAt(event, 'traits', 'traits');
  if ('code' in traits) return traits;
  const all = known === EMPTY ? traits.object : { ...known, ...traits.object };
  return { name: 'Identify', traits: all, properties: EMPTY };
}

/** Name and category stand beside the properties in the call, and inside of them for whoever filters. */
function viewed(name: string, event: JsonObject, traits: JsonObject): Happened | EventFault {
  const properties = objectAt(event, 'properties', 'properties');
  if ('code' in properties) return properties;
  const beside: Record<string, Json> = {};
  for (const key of ['name', 'category'] as const) {
    const value = event[key];
    if (typeof value === 'string') beside[key] = value;
  }
  return { name, traits, properties: { ...beside, ...properties.object } };
}

/** A group call's traits are the group's: as traits of the person, "name" would rename her to her employer. Hers is to belong to it. */
function grouped(event: JsonObject, traits: JsonObject): Happened | EventFault {
  const groupTraits = objectAt(event, 'traits', 'traits');
  if ('code' in groupTraits) return groupTraits;
  const id = event['groupId'];
  const groupId = typeof id === 'number' ? String(id) : id;
  if (typeof groupId !== 'string' || groupId.trim() === '') {
    return { code: 'invalid_field', detail: 'group without groupId' };
  }
  return {
    name: 'Group',
    traits: { ...traits, group_id: groupId },
    properties: { groupId, traits: groupTraits.object },
  };
}

/** The event's context over the batch's, with the switches per destination inside of it. */
export function mergedContext(
  event: JsonObject,
  envelope: JsonObject,
): { readonly object: JsonObject } | EventFault {
  const context = united(event, envelope, 'context');
  if ('code' in context) return context;
  const integrations = united(event, envelope, 'integrations');
  if ('code' in integrations) return integrations;
  if (integrations.object === EMPTY) return context;
  return { object: { ...context.object, integrations: integrations.object } };
}

/** One field of the batch and of the event, the event's keys winning. Copies only what both of them have. */
function united(
  event: JsonObject,
  envelope: JsonObject,
  field: string,
): { readonly object: JsonObject } | EventFault {
  const own = objectAt(event, field, field);
  if ('code' in own) return own;
  const shared = objectAt(envelope, field, `${field} of the batch`);
  if ('code' in shared || own.object === EMPTY) return shared;
  return shared.object === EMPTY ? own : { object: { ...shared.object, ...own.object } };
}

/** The object in a field; missing, null and empty are the same. */
function objectAt(
  holder: JsonObject,
  field: string,
  label: string,
): { readonly object: JsonObject } | EventFault {
  const value = Object.hasOwn(holder, field) ? holder[field] : undefined;
  if (value === undefined || value === null) return NOTHING;
  if (!isJsonObject(value)) return { code: 'invalid_field', detail: `${label} is not an object` };
  return isEmpty(value) ? NOTHING : { object: value };
}

const NOTHING = { object: EMPTY } as const;

function isEmpty(object: JsonObject): boolean {
  for (const key in object) if (Object.hasOwn(object, key)) return false;
  return true;
}
