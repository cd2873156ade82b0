import { parseEvent, type ReceivedContext } from './parse-event.js';
import { parseInternal } from './parse-internal.js';
import { readBody } from './read-body.js';
import type { LogRow, ParsedEvent, Rejection } from './types.js';

export interface ParsedBody {
  readonly events: readonly ParsedEvent[];
  readonly rejections: readonly Rejection[];
}

/** The lane's way into a row of the log: every event in it, parsed or rejected, each by itself. */
export function parseBody(row: LogRow): ParsedBody {
  switch (row.kind) {
    case 'http':
      return sorted(parseHttp(row));
    case 'internal':
      return sorted(parseInternal(row));
    case 'definitions':
    case 'tick':
      return { events: [], rejections: [] };
  }
}

function parseHttp(row: LogRow): (ParsedEvent | Rejection)[] {
  const text = row.body ?? '';
  const endpoint = row.endpoint ?? 'batch';
  const body = readBody(endpoint, text);
  if ('code' in body) return [{ ordinal: 0, code: body.code, detail: body.detail, body: text }];
  const { sentAt } = body;
  const { clock, position, sourceKey, hop } = row;
  return body.events.map((raw) => {
    const ref = { position, ordinal: raw.ordinal, clock };
    const received: ReceivedContext = { ref, sourceKey, endpoint, receivedAt: clock, sentAt, hop };
    return parseEvent(raw, received);
  });
}

function sorted(results: readonly (ParsedEvent | Rejection)[]): ParsedBody {
  const events: ParsedEvent[] = [];
  const rejections: Rejection[] = [];
  for (const result of results) {
    if ('code' in result) rejections.push(result);
    else events.push(result);
  }
  return { events, rejections };
}
