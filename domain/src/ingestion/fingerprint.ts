import { hash128, isJsonList, isJsonObject, type Json } from '../shared/index.js';
import type { ParsedEvent } from './types.js';

/**
 * The content of an event as a UUID-shaped hash, equal for the same event sent twice: whatever the order of its keys, and without
 * what changes from one sending to the next (message id, sentAt, receipt, and the times worked out from them). NOT for
 * security (see hash128): it tells a repeat from another event that wrongly came under the same id.
 */
export function fingerprint(event: ParsedEvent): string {
  const known = KNOWN.get(event);
  if (known !== undefined) return known;
  const print = fingerprintOf(event);
  KNOWN.set(event, print);
  return print;
}

/** Asked for when repeats are looked for and again when the event is written: worked out once. */
const KNOWN = new WeakMap<ParsedEvent, string>();

function fingerprintOf(event: ParsedEvent): string {
  let text = `${event.type}\n${event.name}\n${event.customerId ?? ''}\n`;
  for (const { type, value } of event.identifiers) text += `${type}:${JSON.stringify(value)}\n`;
  for (const { type, value } of event.previous) text += `<${type}:${JSON.stringify(value)}\n`;
  text += `${canonical(event.traits)}\n${canonical(event.properties)}\n${canonical(event.context)}`;
  const hex = hash128(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Distinct for distinct values and the same for any order of keys. Not JSON, for speed: strings carry their length in place of
 * escapes. Depth is bounded by the limits of events.
 */
function canonical(value: Json): string {
  if (typeof value === 'string') return `"${value.length}:${value}`;
  if (isJsonList(value)) {
    let list = '[';
    for (const item of value) list += `${canonical(item)},`;
    return `${list}]`;
  }
  if (!isJsonObject(value)) return String(value);
  let object = '{';
  for (const key of sortedKeys(value))
    object += `${key.length}:${key}=${canonical(value[key] ?? null)},`;
  return `${object}}`;
}

/** Most senders print an object's keys in the same order always, and short lists are often in order already. */
function sortedKeys(object: { readonly [key: string]: Json }): string[] {
  const keys = Object.keys(object);
  for (let index = 1; index < keys.length; index++) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return keys.sort();
  }
  return keys;
}
