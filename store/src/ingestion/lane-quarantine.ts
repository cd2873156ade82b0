import {
  splitBatch,
  type LogRow,
  type ParsedEvent,
  type Rejection,
  type RejectionCode,
} from '@throughline/domain/ingestion';
import { derivedId } from '../shared/index.js';
import { instant } from './lane-work.js';

/** What stands in quarantine of an event that was not applied: its own text as sent, and why. */

export function rejectionOf(
  row: LogRow,
  event: ParsedEvent,
  code: RejectionCode,
  detail: string,
): Rejection {
  const { ordinal } = event.ref;
  return { ordinal, code, detail, body: eventText(row, ordinal) };
}

/** The event's own text, as sent. */
function eventText(row: LogRow, ordinal: number): string {
  const body = row.body ?? '';
  return row.endpoint === 'batch' ? (splitBatch(body)?.[ordinal] ?? body) : body;
}

export function quarantineRow(workspaceId: string, row: LogRow, rejection: Rejection) {
  return {
    quarantine_id: derivedId(row.clock, workspaceId, row.position, rejection.ordinal, 'quarantine'),
    position: row.position,
    ordinal: rejection.ordinal,
    source_key: row.sourceKey,
    endpoint: row.endpoint,
    code: rejection.code,
    detail: rejection.detail,
    body: rejection.body,
    received_at: instant(row.clock),
  };
}
