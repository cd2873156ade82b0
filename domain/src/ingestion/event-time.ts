import { MIN_TIME, parseTime, type Json } from '../shared/index.js';
import type { EventFault } from './inspect.js';
import { EVENT_LIMITS } from './limits.js';

export interface EventTime {
  readonly eventTime: number;
  /** as the sender wrote it, where it differs */
  readonly originalTime: number | null;
}

/**
 * When an event happened. Sender's clocks are wrong, so the time between its timestamp and its sentAt, both by the sender's
 * clock, is taken back from the receipt. An event can lie at most five minutes ahead of its receipt: without that, one clock set
 * to 2099 would win over every later word about a trait.
 */
export function eventTimeOf(
  event: { readonly timestamp: Json | undefined; readonly sentAt: Json | undefined },
  receivedAt: number,
): EventTime | EventFault {
  const { timestamp } = event;
  if (timestamp === undefined || timestamp === null)
    return { eventTime: receivedAt, originalTime: null };
  const original = parseTime(timestamp);
  if (original === undefined)
    return { code: 'invalid_timestamp', detail: 'timestamp is not an ISO 8601 time' };
  const sent = parseTime(event.sentAt);
  const corrected = sent === undefined ? original : receivedAt - (sent - original);
  if (corrected < MIN_TIME)
    return { code: 'invalid_timestamp', detail: 'timestamp and sentAt lie ages apart' };
  const eventTime = Math.min(corrected, receivedAt + EVENT_LIMITS.ahead);
  return { eventTime, originalTime: eventTime === original ? null : original };
}
