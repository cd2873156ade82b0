import type { Consent } from './types.js';

/** The word that holds for a channel: its own, else the purpose's `*`, else none. */
export function consentFor(
  consents: readonly Consent[],
  purpose: string,
  channel: string,
): Consent | null {
  let general: Consent | null = null;
  for (const consent of consents) {
    if (consent.purpose !== purpose) continue;
    if (consent.channel === channel) return consent;
    if (consent.channel === '*') general = consent;
  }
  return general;
}
