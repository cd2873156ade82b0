import {
  identifierKey,
  IdentityDirectory,
  type IdentifierRef,
  type IdentityRules,
} from '@throughline/domain/identity';
import type { ParsedEvent, RejectionCode } from '@throughline/domain/ingestion';
import { derivedId, type Queryable } from '../shared/index.js';
import { knowGuards, type IdentityFindings } from './lane-identity-guards.js';
import type { ResolvedEvent } from './lane-work.js';

export interface Refusal {
  readonly event: ParsedEvent;
  readonly code: RejectionCode;
  readonly detail: string;
}

export interface ResolvedBatch {
  readonly resolved: readonly ResolvedEvent[];
  readonly refused: readonly Refusal[];
  /** customers that exist already: to be locked and loaded */
  readonly known: readonly string[];
  /** what was learned about identifiers on the way */
  readonly findings: IdentityFindings;
}

/**
 * Who each event of a batch belongs to: two queries for everything the batch names, then event by event in memory, because
 * each event's answer may change the next one's. Nobody else writes identifiers, so this needs no lock.
 */
export async function resolveBatch(
  client: Queryable,
  workspaceId: string,
  events: readonly ParsedEvent[],
  rules: IdentityRules,
): Promise<ResolvedBatch> {
  const directory = new IdentityDirectory(rules);
  const named = namedBy(events);
  if (named.refs.length > 0 || named.ids.length > 0) {
    await knowOwners(client, { workspaceId, directory, ...named });
    await knowGuards(client, { workspaceId, directory, refs: named.refs });
  }
  const known = directory.known();
  const resolved: ResolvedEvent[] = [];
  const refused: Refusal[] = [];
  for (const event of events) {
    const answer = resolveEvent(directory, workspaceId, event);
    if ('code' in answer) refused.push(answer);
    else resolved.push(answer);
  }
  const { sightings, alerts } = directory;
  return { resolved, refused, known, findings: { sightings, alerts } };
}

function resolveEvent(
  directory: IdentityDirectory,
  workspaceId: string,
  event: ParsedEvent,
): ResolvedEvent | Refusal {
  if (event.customerId !== null) return resolveOwn(directory, event, event.customerId);
  const refs =
    event.previous.length > 0 ? [...event.identifiers, ...event.previous] : event.identifiers;
  const { position, ordinal, clock } = event.ref;
  const placed = directory.place(refs, event.ref, () =>
    derivedId(clock, workspaceId, position, ordinal, 'customer'),
  );
  if (placed.kind === 'refused') return { event, code: placed.code, detail: placed.detail };
  const { customerId, originId, isNew, added, absorbed } = placed;
  return { event, customerId, originId, isNew, added, absorbed };
}

/** Our own events name a customer; after a merge that is the survivor. */
function resolveOwn(
  directory: IdentityDirectory,
  event: ParsedEvent,
  originId: string,
): ResolvedEvent | Refusal {
  const customerId = directory.survivorOf(originId);
  if (customerId === null) {
    return { event, code: 'missing_identity', detail: 'the customer of this event is gone' };
  }
  return { event, customerId, originId, isNew: false, added: [], absorbed: [] };
}

interface Named {
  readonly refs: readonly IdentifierRef[];
  readonly ids: readonly string[];
}

function namedBy(events: readonly ParsedEvent[]): Named {
  const keys = new Map<string, IdentifierRef>();
  const ids = new Set<string>();
  for (const event of events) {
    for (const ref of event.identifiers) keys.set(identifierKey(ref), ref);
    for (const ref of event.previous) keys.set(identifierKey(ref), ref);
    if (event.customerId !== null) ids.add(event.customerId);
  }
  return { refs: [...keys.values()], ids: [...ids] };
}

interface OwnerRow {
  readonly customer_id: string;
  /** the id that an event named, where it was merged away since */
  readonly alias: string | null;
  readonly type: string | null;
  readonly value: string | null;
  readonly seen_at: number | null;
  readonly origin_id: string | null;
  readonly first_position: number;
  readonly first_ordinal: number;
  readonly created_at: number;
  readonly merges: number;
}

const OWNERS = `
  with named as (
    select distinct i.customer_id, null::uuid as alias
      from json_to_recordset($2::json) as k(type text, value text)
      join identifier i on i.workspace_id = $1 and i.type = k.type and i.value = k.value
    union
    select coalesce(c.merged_into, c.customer_id), c.customer_id
      from customer c where c.workspace_id = $1 and c.customer_id = any($3::uuid[])
  )
  select n.customer_id, n.alias, i.type, i.value, i.first_seen_at as seen_at, i.origin_id, c.first_position, c.first_ordinal, c.created_at,
         (select count(*) from customer m where m.workspace_id = $1 and m.merged_into = c.customer_id) as merges
    from named n
    join customer c on c.workspace_id = $1 and c.customer_id = n.customer_id
    left join identifier i on i.workspace_id = $1 and i.customer_id = n.customer_id`;

async function knowOwners(
  client: Queryable,
  {
    workspaceId,
    directory,
    refs,
    ids,
  }: Named & { readonly workspaceId: string; readonly directory: IdentityDirectory },
): Promise<void> {
  const { rows } = await client.query<OwnerRow>({
    name: 'lane-owners',
    text: OWNERS,
    values: [workspaceId, JSON.stringify(refs), ids],
  });
  for (const row of rows) {
    const since = {
      position: row.first_position,
      ordinal: row.first_ordinal,
      clock: row.created_at,
    };
    if (row.alias !== null) directory.knowMerged(row.alias, row.customer_id);
    directory.knowCustomer({ customerId: row.customer_id, since, merges: row.merges });
  }
  for (const { type, value, seen_at: seenAt, origin_id: originId, customer_id: id } of rows) {
    if (type === null || value === null || seenAt === null || originId === null) continue;
    directory.knowIdentifier({ type, value, seenAt, originId, customerId: id });
  }
}
