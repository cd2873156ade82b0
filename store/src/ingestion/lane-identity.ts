import {
  identifierKey,
  resolveIdentity,
  type CustomerIdentity,
  type IdentifierRef,
  type IdentityRules,
  type Resolution,
} from '@throughline/domain/identity';
import type { ParsedEvent, RejectionCode } from '@throughline/domain/ingestion';
import type { StampedRef } from '@throughline/domain/shared';
import { derivedId, type Queryable } from '../shared/index.js';
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
}

/**
 * Who each event of a batch belongs to: one query for everything the batch names, then event by event in memory, because
 * each event's answer may change the next one's. Nobody else writes identifiers, so this needs no lock.
 */
export async function resolveBatch(
  client: Queryable,
  workspaceId: string,
  events: readonly ParsedEvent[],
  rules: IdentityRules,
): Promise<ResolvedBatch> {
  const directory = new Directory(workspaceId, rules);
  directory.load(await readOwners(client, workspaceId, events));
  const resolved: ResolvedEvent[] = [];
  const refused: Refusal[] = [];
  for (const event of events) {
    const answer = directory.resolve(event);
    if ('code' in answer) refused.push(answer);
    else resolved.push(answer);
  }
  return { resolved, refused, known: directory.known() };
}

interface OwnerRow {
  readonly customer_id: string;
  /** the id that an event named, where it was merged away since */
  readonly alias: string | null;
  readonly type: string | null;
  readonly value: string | null;
  readonly first_position: number;
  readonly first_ordinal: number;
  readonly created_at: number;
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
  select n.customer_id, n.alias, i.type, i.value, c.first_position, c.first_ordinal, c.created_at
    from named n
    join customer c on c.workspace_id = $1 and c.customer_id = n.customer_id
    left join identifier i on i.workspace_id = $1 and i.customer_id = n.customer_id`;

async function readOwners(
  client: Queryable,
  workspaceId: string,
  events: readonly ParsedEvent[],
): Promise<OwnerRow[]> {
  const keys = new Map<string, IdentifierRef>();
  const ids = new Set<string>();
  for (const event of events) {
    for (const ref of event.identifiers) keys.set(identifierKey(ref), ref);
    for (const ref of event.previous) keys.set(identifierKey(ref), ref);
    if (event.customerId !== null) ids.add(event.customerId);
  }
  if (keys.size === 0 && ids.size === 0) return [];
  const answer = await client.query<OwnerRow>({
    name: 'lane-owners',
    text: OWNERS,
    values: [workspaceId, JSON.stringify([...keys.values()]), [...ids]],
  });
  return answer.rows;
}

/** The part of the identity graph that a batch touches. */
class Directory {
  private readonly owners = new Map<string, string>();
  private readonly identities = new Map<string, CustomerIdentity>();
  private readonly aliases = new Map<string, string>();
  private readonly existing = new Set<string>();

  constructor(
    private readonly workspaceId: string,
    private readonly rules: IdentityRules,
  ) {}

  load(rows: readonly OwnerRow[]): void {
    const collected = new Map<
      string,
      { since: StampedRef; identifiers: Map<string, IdentifierRef> }
    >();
    for (const row of rows) {
      if (row.alias !== null) this.aliases.set(row.alias, row.customer_id);
      const entry = collected.get(row.customer_id) ?? {
        since: { position: row.first_position, ordinal: row.first_ordinal, clock: row.created_at },
        identifiers: new Map<string, IdentifierRef>(),
      };
      collected.set(row.customer_id, entry);
      if (row.type === null || row.value === null) continue;
      const ref = { type: row.type, value: row.value };
      entry.identifiers.set(identifierKey(ref), ref);
      this.owners.set(identifierKey(ref), row.customer_id);
    }
    for (const [customerId, { since, identifiers }] of collected) {
      this.existing.add(customerId);
      this.identities.set(customerId, {
        customerId,
        since,
        identifiers: [...identifiers.values()],
      });
    }
  }

  known(): string[] {
    return [...this.existing];
  }

  resolve(event: ParsedEvent): ResolvedEvent | Refusal {
    if (event.customerId !== null) return this.resolveOwn(event, event.customerId);
    const refs =
      event.previous.length > 0 ? [...event.identifiers, ...event.previous] : event.identifiers;
    const single = this.singleOwner(refs);
    if (single !== null)
      return { event, customerId: single, isNew: false, added: [], absorbed: [] };
    return this.settle(event, resolveIdentity(refs, this.rules, this.found(refs)));
  }

  /** Our own events name a customer; after a merge that is the survivor. */
  private resolveOwn(event: ParsedEvent, customerId: string): ResolvedEvent | Refusal {
    const owner = this.follow(this.aliases.get(customerId) ?? customerId);
    if (!this.identities.has(owner)) {
      return { event, code: 'missing_identity', detail: 'the customer of this event is gone' };
    }
    return { event, customerId: owner, isNew: false, added: [], absorbed: [] };
  }

  /** The usual case, without allocating: every identifier is known, and one customer holds them all. */
  private singleOwner(refs: readonly IdentifierRef[]): string | null {
    let owner: string | null = null;
    for (const ref of refs) {
      const holder = this.owners.get(identifierKey(ref));
      if (holder === undefined || (owner !== null && holder !== owner)) return null;
      owner = holder;
    }
    return owner;
  }

  private found(refs: readonly IdentifierRef[]): Map<string, CustomerIdentity> {
    const found = new Map<string, CustomerIdentity>();
    for (const ref of refs) {
      const owner = this.owners.get(identifierKey(ref));
      const identity = owner === undefined ? undefined : this.identities.get(owner);
      if (identity) found.set(identifierKey(ref), identity);
    }
    return found;
  }

  private settle(event: ParsedEvent, resolution: Resolution): ResolvedEvent | Refusal {
    switch (resolution.kind) {
      case 'refused':
        return { event, code: resolution.code, detail: resolution.detail };
      case 'new': {
        const { position, ordinal, clock } = event.ref;
        const customerId = derivedId(clock, this.workspaceId, position, ordinal, 'customer');
        this.identities.set(customerId, { customerId, since: event.ref, identifiers: [] });
        this.hold(customerId, resolution.added);
        return { event, customerId, isNew: true, added: resolution.added, absorbed: [] };
      }
      case 'existing':
        this.hold(resolution.customerId, resolution.added);
        return {
          event,
          customerId: resolution.customerId,
          isNew: false,
          added: resolution.added,
          absorbed: [],
        };
      case 'merge':
        for (const absorbed of resolution.absorbedIds) this.absorb(resolution.survivorId, absorbed);
        this.hold(resolution.survivorId, resolution.added);
        return {
          event,
          customerId: resolution.survivorId,
          isNew: false,
          added: resolution.added,
          absorbed: resolution.absorbedIds,
        };
    }
  }

  private hold(customerId: string, added: readonly IdentifierRef[]): void {
    const identity = this.identities.get(customerId);
    if (!identity || added.length === 0) return;
    this.identities.set(customerId, {
      ...identity,
      identifiers: [...identity.identifiers, ...added],
    });
    for (const ref of added) this.owners.set(identifierKey(ref), customerId);
  }

  private absorb(survivorId: string, absorbedId: string): void {
    const absorbed = this.identities.get(absorbedId);
    if (!absorbed) return;
    this.identities.delete(absorbedId);
    this.aliases.set(absorbedId, survivorId);
    this.hold(survivorId, absorbed.identifiers);
  }

  private follow(customerId: string): string {
    let current = customerId;
    for (
      let next = this.aliases.get(current);
      next !== undefined && next !== current;
      next = this.aliases.get(current)
    ) {
      current = next;
    }
    return current;
  }
}
