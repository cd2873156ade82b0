import { isIdentifierType, normaliseIdentifier, type IdentifierRef } from '../identity/index.js';
import { isJsonList, isJsonObject, type Json, type JsonObject } from '../shared/index.js';
import type { EventFault } from './inspect.js';

/** Where an event may name a person. */
export interface NamingFields {
  readonly userId: Json | undefined;
  readonly anonymousId: Json | undefined;
  readonly context: JsonObject;
  /** traits of the person: of identify, or of the context */
  readonly traits: JsonObject;
}

/**
 * Every identifier of an event, normalised: userId, anonymousId, traits.email, traits.phone and context.externalIds. An id that
 * is no text or number is a fault; an e-mail or phone that can't be one stays a trait and identifies nobody.
 */
export function identifiersOf(fields: NamingFields): IdentifierRef[] | EventFault {
  const refs: IdentifierRef[] = [];
  const fault =
    takeId(refs, 'user_id', fields.userId) ?? takeId(refs, 'anonymous_id', fields.anonymousId);
  if (fault !== null) return fault;
  takeTrait(refs, 'email', fields.traits['email']);
  takeTrait(refs, 'phone', fields.traits['phone']);
  return takeExternalIds(refs, fields.context['externalIds']) ?? refs;
}

/** Adds the id, unless it is missing or blank; returns what is wrong with it. */
export function takeId(
  refs: IdentifierRef[],
  type: string,
  id: Json | undefined,
): EventFault | null {
  if (id === undefined || id === null) return null;
  // Databases number their customers, and senders forget the quotes.
  const text = typeof id === 'number' ? String(id) : id;
  if (typeof text !== 'string') return invalid(`${type} is neither text nor number`);
  if (text.trim() === '') return null;
  const value = normaliseIdentifier(type, text);
  if (value === null) return invalid(`${type} cannot be an identifier`);
  refs.push({ type, value });
  return null;
}

function takeTrait(refs: IdentifierRef[], type: string, trait: Json | undefined): void {
  if (typeof trait !== 'string') return;
  const value = normaliseIdentifier(type, trait);
  if (value !== null) refs.push({ type, value });
}

function takeExternalIds(refs: IdentifierRef[], list: Json | undefined): EventFault | null {
  if (list === undefined || list === null) return null;
  if (!isJsonList(list)) return invalid('context.externalIds is not a list');
  for (const item of list) {
    if (!isJsonObject(item))
      return invalid('context.externalIds holds something else than objects');
    const { id, type, collection } = item;
    // Segment keeps ids of accounts in the same list.
    if (collection !== undefined && collection !== 'users') continue;
    if (typeof type !== 'string' || !isIdentifierType(type)) {
      return invalid('context.externalIds holds an unknown type');
    }
    const fault = takeId(refs, type, id);
    if (fault !== null) return fault;
  }
  return null;
}

function invalid(detail: string): EventFault {
  return { code: 'invalid_field', detail };
}
