import { isJsonObject, isWellFormedText, type Json, type JsonObject } from '../shared/index.js';
import type { ConsentAssertion, ConsentState } from './types.js';

/**
 * What an event says about consent:
 * - `Consent Changed` { purpose, channel?, state: granted | denied | revoked }
 * - `Message Unsubscribed` { purpose?, channel? }: a revocation. Without a purpose it means marketing, without a channel all of
 *   them: who wants to be left alone must not be asked how exactly.
 * - `context.consent.categoryPreferences` { marketing: true } of any event, for all channels.
 * A malformed word is a fault, not ignored: a revocation that is overlooked is the worst of all outcomes.
 */
export function consentsOf(event: SpeakingEvent): readonly ConsentAssertion[] | ConsentFault {
  const general = preferencesOf(event.context);
  if ('detail' in general) return general;
  if (event.name === CONSENT_CHANGED) return withWord(general, changedWord(event.properties));
  if (event.name === UNSUBSCRIBED) return withWord(general, unsubscribedWord(event.properties));
  return general;
}

/** Only these are ever looked for at the door, so that an honest event costs next to nothing there. */
export const CONSENT_CHANGED = 'Consent Changed';
export const UNSUBSCRIBED = 'Message Unsubscribed';

export interface SpeakingEvent {
  readonly name: string;
  readonly properties: JsonObject;
  readonly context: JsonObject;
}

export interface ConsentFault {
  readonly detail: string;
}

const NONE: readonly ConsentAssertion[] = [];

function withWord(
  general: readonly ConsentAssertion[],
  word: ConsentAssertion | ConsentFault,
): readonly ConsentAssertion[] | ConsentFault {
  if ('detail' in word) return word;
  // The event's own word is more exact than the preferences that came along with it.
  const others = general.filter(
    (other) => other.purpose !== word.purpose || other.channel !== word.channel,
  );
  return [...others, word];
}

function changedWord(properties: JsonObject): ConsentAssertion | ConsentFault {
  const purpose = label(properties['purpose']);
  const channel = label(properties['channel'] ?? '*');
  const state = properties['state'];
  if (purpose === undefined) return { detail: 'properties.purpose is not a name' };
  if (channel === undefined) return { detail: 'properties.channel is not a name' };
  if (!isState(state)) return { detail: 'properties.state is not granted, denied or revoked' };
  return { purpose, channel, state };
}

function unsubscribedWord(properties: JsonObject): ConsentAssertion | ConsentFault {
  const purpose = label(properties['purpose'] ?? 'marketing');
  const channel = label(properties['channel'] ?? '*');
  if (purpose === undefined) return { detail: 'properties.purpose is not a name' };
  if (channel === undefined) return { detail: 'properties.channel is not a name' };
  return { purpose, channel, state: 'revoked' };
}

function preferencesOf(context: JsonObject): readonly ConsentAssertion[] | ConsentFault {
  const consent = own(context, 'consent');
  const preferences = isJsonObject(consent) ? own(consent, 'categoryPreferences') : undefined;
  if (preferences === undefined || preferences === null) return NONE;
  if (!isJsonObject(preferences)) return { detail: 'categoryPreferences is not an object' };
  const words: ConsentAssertion[] = [];
  for (const key of Object.keys(preferences)) {
    const purpose = label(key);
    const value = preferences[key];
    if (purpose === undefined || typeof value !== 'boolean') {
      return { detail: 'categoryPreferences holds something else than true or false' };
    }
    words.push({ purpose, channel: '*', state: value ? 'granted' : 'denied' });
  }
  return words;
}

/** Purposes and channels are names that people type in several systems: `Marketing ` is `marketing`. */
function label(value: Json | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = value.trim().toLowerCase();
  return name !== '' && name.length <= 64 && isWellFormedText(name) ? name : undefined;
}

function isState(value: Json | undefined): value is ConsentState {
  return value === 'granted' || value === 'denied' || value === 'revoked';
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
