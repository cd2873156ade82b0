import type { StampedRef } from '../shared/index.js';
import { consentFor } from './consent-for.js';
import type { Consent, ConsentAssertion, ConsentState } from './types.js';

interface ConsentEvent {
  readonly eventTime: number;
  readonly ref: StampedRef;
}

/**
 * The word that holds after an assertion: the later event time wins, and of equal times the later input. A repeated word still
 * moves the time, so that an older, late one cannot overrule it. Returns `current` itself where nothing changes.
 */
export function applyConsent(
  current: Consent | null,
  assertion: ConsentAssertion,
  event: ConsentEvent,
): Consent {
  const next: Consent = {
    purpose: assertion.purpose,
    channel: assertion.channel,
    state: assertion.state,
    eventTime: event.eventTime,
    position: event.ref.position,
    ordinal: event.ref.ordinal,
  };
  return current !== null && isLater(current, next) ? current : next;
}

export interface ConsentChange {
  readonly consent: Consent;
  readonly previous: ConsentState | null;
}

export interface AppliedConsents {
  readonly consents: readonly Consent[];
  /** words whose state is another than before: what history keeps */
  readonly changes: readonly ConsentChange[];
}

/** All assertions of one event over all consents of a customer. `consents` is the same object where nothing was said. */
export function applyConsents(
  consents: readonly Consent[],
  event: ConsentEvent & { readonly consents: readonly ConsentAssertion[] },
): AppliedConsents {
  if (event.consents.length === 0) return { consents, changes: [] };
  const next = [...consents];
  const changes: ConsentChange[] = [];
  for (const assertion of event.consents) {
    const index = next.findIndex((consent) => sameWord(consent, assertion));
    const current = next[index] ?? null;
    const consent = applyConsent(current, assertion, event);
    if (consent === current) continue;
    if (consent.state !== current?.state)
      changes.push({ consent, previous: current?.state ?? null });
    if (index === -1) next.push(consent);
    else next[index] = consent;
  }
  return { consents: next, changes };
}

/**
 * The words of two people who turn out to be one: where both have a word for a purpose and channel (their own or through `*`),
 * the more restrictive holds, whichever is newer: denied and revoked beat granted, revoked beats denied. It carries the later of
 * both times, so that it takes a new word to grant again and not a late copy of an old one.
 */
export function mergeConsents(a: readonly Consent[], b: readonly Consent[]): readonly Consent[] {
  const merged: Consent[] = [];
  for (const word of [...a, ...b]) {
    if (merged.some((other) => sameWord(other, word))) continue;
    const ofA = consentFor(a, word.purpose, word.channel);
    const ofB = consentFor(b, word.purpose, word.channel);
    const both = ofA !== null && ofB !== null ? stricter(ofA, ofB) : (ofA ?? ofB ?? word);
    merged.push({ ...both, purpose: word.purpose, channel: word.channel });
  }
  return merged;
}

const STRICTNESS: Readonly<Record<ConsentState, number>> = { granted: 0, denied: 1, revoked: 2 };

function stricter(a: Consent, b: Consent): Consent {
  const later = isLater(a, b) ? a : b;
  const state = STRICTNESS[a.state] >= STRICTNESS[b.state] ? a.state : b.state;
  return { ...later, state };
}

/** True when a is the later word of the two. */
function isLater(a: Consent, b: Consent): boolean {
  const order = a.eventTime - b.eventTime || a.position - b.position || a.ordinal - b.ordinal;
  return order > 0;
}

function sameWord(a: ConsentAssertion, b: ConsentAssertion): boolean {
  return a.purpose === b.purpose && a.channel === b.channel;
}
