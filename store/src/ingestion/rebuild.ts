import type { Consent } from '@throughline/domain/consent';
import type { EventType, ParsedEvent } from '@throughline/domain/ingestion';
import type { Facts, Traits } from '@throughline/domain/profiles';
import {
  compareRefs,
  InvariantBroken,
  type InputRef,
  type JsonObject,
} from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import { applyEvent, type ApplyContext } from './lane-apply.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { newWork } from './lane-load.js';
import { noWrites, type CustomerWork } from './lane-work.js';

/** What a customer's events make of them when applied once more, from nothing. */
export interface RebuiltCustomer {
  readonly traits: Traits;
  readonly facts: Facts;
  readonly consents: readonly Consent[];
  readonly segments: readonly string[];
}

/**
 * Applies the stored events of a customer, and of everybody who was merged into them, in log order, by the code that applied
 * them first. The live row must equal the answer; unmerge, a corrected mapping and an erasure begin here.
 */
export async function rebuildCustomer(
  client: Queryable,
  subject: { readonly workspaceId: string; readonly customerId: string },
  definitions: LaneDefinitions,
): Promise<RebuiltCustomer> {
  const { workspaceId, customerId } = subject;
  const events = await readEvents(client, workspaceId, customerId);
  const merges = await readMerges(client, workspaceId, customerId);
  const customers = new Map<string, CustomerWork>();
  const context: ApplyContext = { workspaceId, definitions, customers, writes: noWrites() };
  for (const { owner, event } of events) {
    const customer = customers.get(owner) ?? newWork(owner, event.ref);
    const isNew = !customers.has(owner);
    customers.set(owner, customer);
    const absorbed = merges
      .filter((merge) => merge.survivor_id === owner && compareRefs(merge, event.ref) === 0)
      .map((merge) => merge.absorbed_id);
    applyEvent(context, { event, customerId: owner, isNew, added: [], absorbed });
  }
  const rebuilt = customers.get(customerId);
  if (!rebuilt) throw new InvariantBroken('a customer without events cannot be rebuilt');
  const { traits, facts, consents, members } = rebuilt;
  return { traits, facts, consents, segments: [...members.keys()].sort() };
}

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

async function readEvents(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<{ owner: string; event: ParsedEvent }[]> {
  const { rows } = await client.query<EventRow>(
    `select customer_id as owner, position, ordinal, clock, event_time, original_time, message_id, type, name, source_key, hop, body
       from event
      where workspace_id = $1 and customer_id in (
        select $2::uuid union all select customer_id from customer where workspace_id = $1 and merged_into = $2::uuid)
      order by position, ordinal`,
    [workspaceId, customerId],
  );
  return rows.map((row) => ({ owner: row.owner, event: eventOf(row) }));
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

type MergeRow = InputRef & { readonly survivor_id: string; readonly absorbed_id: string };

async function readMerges(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<MergeRow[]> {
  const { rows } = await client.query<MergeRow>(
    `select position, ordinal, survivor_id, absorbed_id from customer_merge
      where workspace_id = $1 and absorbed_id in (
        select customer_id from customer where workspace_id = $1 and merged_into = $2::uuid)
      order by position, ordinal`,
    [workspaceId, customerId],
  );
  return rows;
}
