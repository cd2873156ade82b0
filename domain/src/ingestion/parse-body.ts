import { parseEvent } from './parse-event.js';
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
    case 'import':
      return sorted(parseHttp(row, true));
    case 'internal':
      return sorted(parseInternal(row));
    case 'definitions':
    case 'tick':
    case 'backfill':
    case 'command':
      return { events: [], rejections: [] };
  }
}

/** Rows of a file or pull stand in the log as a batch call would: what is good for one is good for the other. */
function parseHttp(row: LogRow, imported = false): (ParsedEvent | Rejection)[] {
  const text = row.body ?? '';
  const endpoint = row.endpoint ?? 'batch';
  const body = readBody(endpoint, text);
  if ('code' in body) return [{ ordinal: 0, code: body.code, detail: body.detail, body: text }];
  const { sentAt } = body;
  const { clock, position, sourceKey, hop } = row;
  return body.events.map((raw) => {
    const ref = { position, ordinal: raw.ordinal, clock };
    return parseEvent(raw, {
      ref,
      sourceKey,
      endpoint,
      receivedAt: clock,
      sentAt,
      hop,
      imported,
    });
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
