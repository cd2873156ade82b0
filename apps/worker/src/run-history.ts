/**
 * How far a run came, read from its history: the highest seq that a `step` answered it. Each answer of a local activity is
 * recorded as a marker; nothing else that the driver leaves behind is as sure to be there.
 */
import type { WorkflowHandle } from '@temporalio/client';
import { isJsonObject } from '@throughline/domain/shared';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

const LOCAL_ACTIVITY = 'core_local_activity';

export function lastSeq(history: History): number {
  const events = history.events ?? [];
  return events.reduce(
    (highest, event) => Math.max(highest, carriedSeq(event), answeredSeq(event)),
    0,
  );
}

/** A further page of a long run begins with the seq of the one before. */
function carriedSeq({ workflowExecutionStartedEventAttributes: started }: HistoryEvent): number {
  return seqOf(decode(started?.input?.payloads?.[0]?.data));
}

function answeredSeq({ markerRecordedEventAttributes: marker }: HistoryEvent): number {
  if (marker?.markerName !== LOCAL_ACTIVITY) return 0;
  // Only a command has a seq: verdicts and recorded requests have none.
  return seqOf(decode(marker.details?.['result']?.payloads?.[0]?.data));
}

function seqOf(value: unknown): number {
  return isJsonObject(value) && typeof value['seq'] === 'number' ? value['seq'] : 0;
}

function decode(data: Uint8Array | null | undefined): unknown {
  if (data == null || data.length === 0) return undefined;
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
}
