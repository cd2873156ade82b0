/**
 * How people are shown to whoever works with them without writing to them: addresses are told apart and not read, and what the
 * catalogue calls personal is left out of sight. Masking is of what leaves; nothing is stored this way.
 */
import type { Catalogue } from '@throughline/domain/catalogue';
import { isJsonList, isJsonObject, type Json, type JsonObject } from '@throughline/domain/shared';

/** What to mask: types of identifiers, and ways to traits and properties, with dots into objects. */
export interface Personal {
  readonly identifiers: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

const HIDDEN = '***';

/** What addresses are usually called, at any depth and whatever the catalogue knows. */
const ADDRESSES: ReadonlySet<string> = new Set(['email', 'phone', 'mobile']);

export function personalOf(catalogue: Catalogue): Personal {
  const identifiers = new Set(ADDRESSES);
  const names = new Set<string>();
  for (const { key, type, role, sensitivity } of catalogue) {
    const isContact = type === 'email' || type === 'phone';
    if (role.kind === 'identifier' && isContact) identifiers.add(role.identifier);
    if (role.kind === 'identifier' || (sensitivity === 'none' && !isContact)) continue;
    names.add(key);
    if (role.kind === 'trait') names.add(role.trait);
    if (role.kind === 'property' || role.kind === 'product') names.add(role.property);
  }
  return { identifiers, names };
}

/** Enough to tell two of them apart, or to recognise one that the caller has in front of them. */
export function maskedAddress(value: string): string {
  const at = value.lastIndexOf('@');
  if (at > 0) return `${first(value)}${HIDDEN}${value.slice(at)}`;
  return value.length > 6 ? `${HIDDEN}${value.slice(-2)}` : HIDDEN;
}

export function maskedIdentifier<T extends { readonly type: string; readonly value: string }>(
  identifier: T,
  { identifiers }: Personal,
): T {
  if (!identifiers.has(identifier.type)) return identifier;
  return { ...identifier, value: maskedAddress(identifier.value) };
}

/** Traits or properties by the names that they have; objects are gone through, for what is inside of them has names too. */
export function maskedObject(object: JsonObject, personal: Personal, within = ''): JsonObject {
  const masked = Object.entries(object).map(([name, value]): [string, Json] => {
    const path = `${within}${name}`;
    const isPersonal = personal.names.has(path) || ADDRESSES.has(name);
    return [name, isPersonal ? hidden(value) : maskedValue(path, value, personal)];
  });
  return Object.fromEntries(masked);
}

function maskedValue(path: string, value: Json, personal: Personal): Json {
  if (isJsonObject(value)) return maskedObject(value, personal, `${path}.`);
  return isJsonList(value) ? value.map((item) => maskedValue(path, item, personal)) : value;
}

function hidden(value: Json): Json {
  if (value === null) return null;
  return typeof value === 'string' && ADDRESS.test(value) ? maskedAddress(value) : HIDDEN;
}

const ADDRESS = /@|^\+?[\d\s().\-/]{7,}$/;

/** The body of an event: who it names, and all that it says of them. The context is left out: addresses and devices stand there. */
export function maskedBody(body: JsonObject, personal: Personal): JsonObject {
  const masked = Object.entries(body).map(([part, value]): [string, Json] => {
    switch (part) {
      case 'identifiers':
      case 'previous':
        return [part, isJsonList(value) ? value.map((one) => maskedRef(one, personal)) : value];
      case 'context':
        return [part, {}];
      default:
        return [part, isJsonObject(value) ? maskedObject(value, personal) : value];
    }
  });
  return Object.fromEntries(masked);
}

function maskedRef(ref: Json, personal: Personal): Json {
  if (!isJsonObject(ref)) return ref;
  const { type, value } = ref;
  if (typeof type !== 'string' || typeof value !== 'string') return ref;
  return { ...ref, ...maskedIdentifier({ type, value }, personal) };
}

function first(text: string): string {
  const [character = ''] = /^./su.exec(text) ?? [];
  return character;
}
