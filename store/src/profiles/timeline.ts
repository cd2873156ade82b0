/** Events as they were applied: of one person, or of the whole workspace as they come. */
import type { JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

export interface TimelineEvent {
  readonly position: number;
  readonly ordinal: number;
  readonly receivedAt: number;
  readonly eventTime: number;
  readonly originalTime: number | null;
  readonly messageId: string;
  readonly type: string;
  readonly name: string;
  readonly sourceKey: string | null;
  readonly customerId: string;
  readonly body: JsonObject;
}

export interface EventPlace {
  readonly position: number;
  readonly ordinal: number;
}

/** What is left null is not asked for. */
export interface EventFilter {
  readonly type: string | null;
  readonly name: string | null;
  readonly source: string | null;
}

export interface TimelinePage extends EventFilter {
  readonly customerIds: readonly string[];
  /** RFC 3339, of event times: from included, to not */
  readonly from: string | null;
  readonly to: string | null;
  /** the last event of the page before */
  readonly after: EventPlace | null;
  readonly limit: number;
}

const COLUMNS = `position, ordinal, clock as "receivedAt", event_time as "eventTime", original_time as "originalTime",
  message_id as "messageId", type, name, source_key as "sourceKey", customer_id as "customerId", body`;
const FILTER = `($2::text is null or type = $2) and ($3::text is null or name = $3) and ($4::text is null or source_key = $4)`;

/** Newest first, over the customer and everyone merged into it: an event keeps the owner it was applied to. */
export async function readTimeline(
  client: Queryable,
  workspaceId: string,
  page: TimelinePage,
): Promise<TimelineEvent[]> {
  const found = await client.query<TimelineEvent>(
    `select ${COLUMNS} from event
      where workspace_id = $1 and ${FILTER} and customer_id = any($5::uuid[])
        and ($6::timestamptz is null or event_time >= $6) and ($7::timestamptz is null or event_time < $7)
        and ($8::bigint is null or (position, ordinal) < ($8::bigint, $9::int))
      order by position desc, ordinal desc limit $10`,
    [
      workspaceId,
      page.type,
      page.name,
      page.source,
      page.customerIds,
      page.from,
      page.to,
      page.after?.position ?? null,
      page.after?.ordinal ?? null,
      page.limit,
    ],
  );
  return found.rows;
}

export interface StreamPage extends EventFilter {
  /** null: the latest events there are */
  readonly after: EventPlace | null;
  readonly limit: number;
}

export interface EventStream {
  /** oldest first */
  readonly events: readonly TimelineEvent[];
  /** where to go on: nothing at or before it will come any more */
  readonly next: EventPlace;
}

/** Past every ordinal of a position. */
const LAST_ORDINAL = 2_147_483_647;

/**
 * What the lane has applied since a place in the log. Events and the lane's position are written by one transaction and read by one
 * statement, so a page that is not full ends exactly at that position, whatever the filter passed over.
 */
export async function readEventStream(
  client: Queryable,
  workspaceId: string,
  page: StreamPage,
): Promise<EventStream> {
  const direction = page.after === null ? 'desc' : 'asc';
  const { rows } = await client.query<{ level: number } & Nullable<TimelineEvent>>(
    `select l.position as level, e.* from lane l left join lateral (
       select ${COLUMNS} from event
        where workspace_id = $1 and ${FILTER} and (position, ordinal) > ($5::bigint, $6::int)
        order by position ${direction}, ordinal ${direction} limit $7) e on true
      where l.workspace_id = $1 order by e.position, e.ordinal`,
    [
      workspaceId,
      page.type,
      page.name,
      page.source,
      page.after?.position ?? 0,
      page.after?.ordinal ?? 0,
      page.limit,
    ],
  );
  const events = rows.flatMap((row) => (isEvent(row) ? [row] : []));
  const last = events.at(-1);
  const isFull = page.after !== null && events.length === page.limit;
  if (isFull && last !== undefined) return { events, next: last };
  return { events, next: { position: rows[0]?.level ?? 0, ordinal: LAST_ORDINAL } };
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

function isEvent(row: Nullable<TimelineEvent>): row is TimelineEvent {
  return row.messageId !== null;
}
