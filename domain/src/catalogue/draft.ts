import { assertNever, isJsonObject, type Json, type JsonObject } from '../shared/index.js';
import type { Attribute } from './types.js';
import { textOf } from './worked.js';

export interface SaidConsent {
  readonly purpose: string;
  readonly channel: string;
  readonly state: Json;
  /** RFC 3339, where the row says when it was given */
  readonly saidAt: string | undefined;
}

/** What the fields of a row have said so far. */
export interface Draft {
  readonly identifiers: [type: string, value: string][];
  readonly traits: Record<string, Json>;
  readonly properties: Record<string, Json>;
  readonly product: Record<string, Json>;
  readonly consents: SaidConsent[];
  eventName?: string;
  timestamp?: string;
  messageId?: string;
}

export function emptyDraft(): Draft {
  return { identifiers: [], traits: {}, properties: {}, product: {}, consents: [] };
}

/** Puts a value where its role belongs; conform has seen to its type. */
export function put(
  draft: Draft,
  { role }: Attribute,
  { value, saidAt }: { readonly value: Json; readonly saidAt: string | undefined },
): void {
  switch (role.kind) {
    case 'identifier':
      draft.identifiers.push([role.identifier, textOf(value) ?? '']);
      return;
    case 'trait':
      setAt(draft.traits, role.trait, value);
      return;
    case 'property':
      setAt(draft.properties, role.property, value);
      return;
    case 'product':
      setAt(draft.product, role.property, value);
      return;
    case 'eventName':
      draft.eventName = textOf(value) ?? '';
      return;
    case 'eventTime':
      draft.timestamp = textOf(value) ?? '';
      return;
    case 'messageId':
      draft.messageId = textOf(value) ?? '';
      return;
    case 'consent':
      draft.consents.push({ purpose: role.purpose, channel: role.channel, state: value, saidAt });
      return;
    default:
      assertNever(role);
  }
}

/** `address.city` goes into the object `address`, which is copied: it may be a part of the row. */
function setAt(target: Record<string, Json>, path: string, value: Json): void {
  const dot = path.indexOf('.');
  if (dot === -1) {
    target[path] = value;
    return;
  }
  const head = path.slice(0, dot);
  const inner = target[head];
  target[head] = withPath(isJsonObject(inner) ? inner : {}, path.slice(dot + 1), value);
}

function withPath(object: JsonObject, path: string, value: Json): JsonObject {
  const copy: Record<string, Json> = { ...object };
  setAt(copy, path, value);
  return copy;
}
