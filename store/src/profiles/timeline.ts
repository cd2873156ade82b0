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

export interface TimelinePage {
  readonly customerIds: readonly string[];
  /** the last event of the page before */
  readonly after: { readonly position: number; readonly ordinal: number } | null;
  readonly limit: number;
}

/** Newest first, over the customer and everyone merged into it: an event keeps the owner it was applied to. */
export async function readTimeline(
  client: Queryable,
  workspaceId: string,
  page: TimelinePage,
): Promise<TimelineEvent[]> {
  const found = await client.query<TimelineEvent>(
    `select position, ordinal, clock as "receivedAt", event_time as "eventTime", original_time as "originalTime",
            message_id as "messageId", type, name, source_key as "sourceKey", customer_id as "customerId", body
       from event
      where workspace_id = $1 and customer_id = any($2::uuid[])
        and ($3::bigint is null or (position, ordinal) < ($3::bigint, $4::int))
      order by position desc, ordinal desc limit $5`,
    [
      workspaceId,
      page.customerIds,
      page.after?.position ?? null,
      page.after?.ordinal ?? null,
      page.limit,
    ],
  );
  return found.rows;
}
