import { parseBody, type ParsedBody } from '../parse-body.js';
import type { Endpoint, LogRow, ParsedEvent, Rejection } from '../types.js';

/** Receipt of every row in these tests. */
export const RECEIVED = Date.parse('2026-01-02T12:00:00Z');

export function row(endpoint: Endpoint, body: string, change: Partial<LogRow> = {}): LogRow {
  return {
    position: 7,
    clock: RECEIVED,
    kind: 'http',
    endpoint,
    sourceKey: 'shop',
    hop: 0,
    body,
    ...change,
  };
}

/** A batch of the texts of its events, exactly as given. */
export function batchOf(...events: readonly string[]): ParsedBody {
  return parseBody(row('batch', `{"batch":[${events.join(',')}]}`));
}

export function oneEvent(
  endpoint: Endpoint,
  body: object,
  change: Partial<LogRow> = {},
): ParsedEvent {
  const { events, rejections } = parseBody(row(endpoint, JSON.stringify(body), change));
  const [event] = events;
  if (event === undefined || rejections.length > 0)
    throw new TypeError(`rejected: ${JSON.stringify(rejections)}`);
  return event;
}

export function oneRejection(
  endpoint: Endpoint,
  body: object,
  change: Partial<LogRow> = {},
): Rejection {
  const { rejections } = parseBody(row(endpoint, JSON.stringify(body), change));
  const [rejection] = rejections;
  if (rejection === undefined) throw new TypeError('not rejected');
  return rejection;
}
