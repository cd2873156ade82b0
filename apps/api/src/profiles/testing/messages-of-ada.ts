/** What a shop says of one customer, Ada, as messages of the batch door. */

const ADA = { userId: 'ada-1' };
/** When all of it was said. */
export const EARLY = '2026-01-01T10:00:00.000Z';

export function identify(traits: Record<string, unknown>) {
  return { type: 'identify', ...ADA, timestamp: EARLY, traits };
}

export function track(event: string, properties: Record<string, unknown>) {
  return { type: 'track', ...ADA, event, timestamp: EARLY, properties };
}

export function consent(state: string) {
  return track('Consent Changed', { purpose: 'marketing', channel: 'email', state });
}
