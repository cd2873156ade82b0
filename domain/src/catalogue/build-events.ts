import { canonicalJson, hash128, isJsonList, type Json, type JsonObject } from '../shared/index.js';
import type { Draft, SaidConsent } from './draft.js';
import type { MappingTarget } from './types.js';

export interface Naming {
  readonly target: MappingTarget;
  readonly messageId: string;
  readonly timestamp: string;
  readonly importKey: string;
}

const ORDER_COMPLETED = 'Order Completed';

/** The bodies that a row's draft makes: the event itself, and one for each consent that it cannot carry along. */
export function buildEvents(draft: Draft, naming: Naming): readonly JsonObject[] {
  const who = whoOf(draft);
  const carried = draft.consents.filter(isCarried);
  const main = mainEvent(draft, naming, { who, consent: categories(carried) });
  const others = draft.consents.filter((consent) => !isCarried(consent));
  return [main, ...others.map((consent) => consentEvent(consent, naming, who))];
}

interface Who {
  /** userId and anonymousId */
  readonly ids: JsonObject;
  /** e-mail and phone identify as traits */
  readonly contacts: JsonObject;
  readonly externalIds: readonly JsonObject[];
}

function whoOf({ identifiers }: Draft): Who {
  const ids: Record<string, Json> = {};
  const contacts: Record<string, Json> = {};
  const externalIds: JsonObject[] = [];
  for (const [type, value] of identifiers) {
    if (type === 'user_id' && ids['userId'] === undefined) ids['userId'] = value;
    else if (type === 'anonymous_id' && ids['anonymousId'] === undefined)
      ids['anonymousId'] = value;
    else if (isContact(type) && contacts[type] === undefined) contacts[type] = value;
    // Also a second e-mail of one row: an event has one field for it.
    else externalIds.push({ id: value, type, collection: 'users', encoding: 'none' });
  }
  return { ids, contacts, externalIds };
}

function isContact(type: string): boolean {
  return type === 'email' || type === 'phone';
}

function mainEvent(
  draft: Draft,
  { target, messageId, timestamp }: Naming,
  { who, consent }: { readonly who: Who; readonly consent: JsonObject },
): JsonObject {
  const traits = { ...draft.traits, ...who.contacts };
  const head = { messageId, timestamp, ...who.ids };
  if (target === 'customers') {
    return { type: 'identify', ...head, traits, ...contextOf({ who, traits: {}, consent }) };
  }
  return {
    type: 'track',
    ...head,
    event: draft.eventName ?? ORDER_COMPLETED,
    properties: target === 'orders' ? orderOf(draft) : { ...draft.properties, ...draft.product },
    ...contextOf({ who, traits, consent }),
  };
}

/** An order lists its products; columns of one product are a list of one. */
function orderOf({ properties, product }: Draft): JsonObject {
  const products = properties['products'];
  if (Object.keys(product).length === 0 || isJsonList(products)) return properties;
  return { ...properties, products: [product] };
}

function contextOf(parts: {
  readonly who: Who;
  readonly traits: JsonObject;
  readonly consent: JsonObject;
}): JsonObject {
  const context: Record<string, Json> = {};
  if (Object.keys(parts.traits).length > 0) context['traits'] = parts.traits;
  if (parts.who.externalIds.length > 0) context['externalIds'] = parts.who.externalIds;
  if (Object.keys(parts.consent).length > 0) {
    context['consent'] = { categoryPreferences: parts.consent };
  }
  return Object.keys(context).length === 0 ? {} : { context };
}

/** For all channels, at the event's own time, and no withdrawal: what the preferences beside an event can say. */
function isCarried({ channel, state, saidAt }: SaidConsent): boolean {
  return channel === '*' && state !== 'revoked' && saidAt === undefined;
}

function categories(consents: readonly SaidConsent[]): JsonObject {
  return Object.fromEntries(consents.map(({ purpose, state }) => [purpose, state === 'granted']));
}

function consentEvent(consent: SaidConsent, naming: Naming, who: Who): JsonObject {
  const { purpose, channel, state, saidAt } = consent;
  return {
    type: 'track',
    messageId: consentMessageId(consent, naming, who),
    timestamp: saidAt ?? naming.timestamp,
    ...who.ids,
    event: 'Consent Changed',
    properties: { purpose, channel, state },
    ...contextOf({ who, traits: who.contacts, consent: {} }),
  };
}

/**
 * A consent with a time of its own is the same consent in every row that repeats it: a shop sends it along with each change of
 * an address.
 */
function consentMessageId(consent: SaidConsent, naming: Naming, who: Who): string {
  const { purpose, channel, state, saidAt } = consent;
  const said: Json =
    saidAt === undefined
      ? [naming.messageId]
      : [naming.importKey, who.ids, who.contacts, who.externalIds, state, saidAt];
  return `import-${hash128(canonicalJson(['consent', purpose, channel, said]))}`;
}
