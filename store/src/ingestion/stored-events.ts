import type { EventType, ParsedEvent } from '@throughline/domain/ingestion';
import type { InputRef, JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type { StoredEvent, StoredMerge } from './replay.js';

interface EventBody {
  readonly identifiers: ParsedEvent['identifiers'];
  readonly previous: ParsedEvent['previous'];
  readonly traits: JsonObject;
  readonly properties: JsonObject;
  readonly context: JsonObject;
  readonly consents: ParsedEvent['consents'];
  readonly imported: boolean;
}

interface EventRow {
  readonly owner: string;
  readonly position: number;
  readonly ordinal: number;
  readonly clock: number;
  readonly event_time: number;
  readonly original_time: number | null;
  readonly message_id: string;
  readonly type: EventType;
  readonly name: string;
  readonly source_key: string | null;
  readonly hop: number;
  readonly body: EventBody;
}

interface Wanted {
  readonly workspaceId: string;
  /** profiles, those that have become others by name */
  readonly customerIds: readonly string[];
  readonly from?: InputRef;
}

/** Their events from an input on, that one included, in log order. */
export async function readStoredEvents(
  client: Queryable,
  { workspaceId, customerIds, from = { position: 0, ordinal: 0 } }: Wanted,
): Promise<StoredEvent[]> {
  const { rows } = await client.query<EventRow>(
    `select customer_id as owner, position, ordinal, clock, event_time, original_time, message_id, type, name, source_key, hop, body
       from event
      where workspace_id = $1 and customer_id = any($2::uuid[]) and (position, ordinal) >= ($3::bigint, $4::int)
      order by position, ordinal`,
    [workspaceId, customerIds, from.position, from.ordinal],
  );
  return rows.map((row) => ({ originId: row.owner, event: eventOf(row) }));
}

function eventOf(row: EventRow): ParsedEvent {
  return {
    ...row.body,
    ref: { position: row.position, ordinal: row.ordinal, clock: row.clock },
    messageId: row.message_id,
    type: row.type,
    name: row.name,
    sourceKey: row.source_key,
    eventTime: row.event_time,
    originalTime: row.original_time,
    customerId: null,
    hop: row.hop,
  };
}

/** The customer and everybody who has become them. */
export async function readCluster(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<string[]> {
  const { rows } = await client.query<{ customer_id: string }>(
    'select customer_id from customer where workspace_id = $1 and (customer_id = $2 or merged_into = $2) order by customer_id',
    [workspaceId, customerId],
  );
  return rows.map((row) => row.customer_id);
}

/** The merges among these profiles that have not been undone, in the order of the log. */
export async function readStoredMerges(
  client: Queryable,
  { workspaceId, customerIds }: Wanted,
): Promise<StoredMerge[]> {
  const { rows } = await client.query<StoredMerge>(
    `select position, ordinal, survivor_id as "survivorId", absorbed_id as "absorbedId", at, cause from customer_merge
      where workspace_id = $1 and absorbed_id = any($2::uuid[]) and undone_position is null
      order by position, ordinal, rank`,
    [workspaceId, customerIds],
  );
  return rows;
}
