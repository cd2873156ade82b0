import type { MutableFacts } from '@throughline/domain/profiles';
import { changedSegments, countInto, type FactDefinition } from '@throughline/domain/segments';
import type { JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type { ApplyContext } from './lane-apply.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { earliest, nextDate, noteDue, viewOf } from './lane-plan.js';
import { instant, type CustomerWork } from './lane-work.js';

/**
 * Building a customer for definitions that went live after their first event: new facts are counted from all their events. Done by
 * the pages of a backfill, and earlier for whoever is touched before their page comes: then nothing is ever measured by half a fact.
 */
export interface Backfill {
  /** of the definitions input that asked for it */
  readonly position: number;
  readonly facts: readonly string[];
  readonly segments: readonly string[];
  /** customers up to this one are built */
  readonly cursor: string | null;
}

export interface PastEvent {
  readonly name: string;
  readonly properties: JsonObject;
  /** ms since epoch */
  readonly eventTime: number;
}

/** What a customer still lacks; carried out before the first thing that happens to them. */
export interface PendingBuild {
  readonly positions: readonly number[];
  readonly facts: readonly FactDefinition[];
  readonly segments: readonly string[];
  readonly events: readonly PastEvent[];
}

/** Before every transition and event of an input. */
const BUILD_ORDINAL = -2_000_000;

export function factsToBuild(
  { segments }: LaneDefinitions,
  backfills: readonly Backfill[],
): FactDefinition[] {
  const keys = new Set(backfills.flatMap(({ facts }) => facts));
  return segments.facts.filter(({ key }) => keys.has(key));
}

/** Counts facts anew; what stood there was counted by half, or for a smaller need. */
export function recount(
  facts: MutableFacts,
  building: readonly FactDefinition[],
  events: readonly PastEvent[],
): void {
  for (const { key } of building) Reflect.deleteProperty(facts, key);
  for (const event of events) {
    countInto(
      facts,
      building.filter((fact) => listensTo(fact, event.name)),
      event,
    );
  }
}

function listensTo(fact: FactDefinition, name: string): boolean {
  return fact.event === name || (fact.kind === 'absence' && fact.awaited === name);
}

/** Notes for each loaded customer what it lacks, with the events to count. */
export async function attachBuilds(
  client: Queryable,
  context: {
    readonly workspaceId: string;
    readonly definitions: LaneDefinitions;
    readonly backfills: readonly Backfill[];
  },
  customers: ReadonlyMap<string, CustomerWork>,
): Promise<void> {
  const { workspaceId, definitions, backfills } = context;
  if (backfills.length === 0) return;
  const known = [...customers.values()].filter(({ isNew }) => !isNew);
  const built = await readBuilt(
    client,
    workspaceId,
    known.map(({ id }) => id),
  );
  const lacking = new Map<CustomerWork, Backfill[]>();
  for (const customer of known) {
    const open = backfills.filter(
      ({ position, cursor }) =>
        (cursor === null || cursor < customer.id) && !built.has(`${position}.${customer.id}`),
    );
    if (open.length > 0) lacking.set(customer, open);
  }
  const facts = factsToBuild(definitions, backfills);
  const people = [...lacking.keys()].map(({ id }) => id);
  const events = await readCounted(client, workspaceId, { people, facts });
  for (const [customer, open] of lacking) {
    customer.pendingBuild = {
      positions: open.map(({ position }) => position),
      facts: factsToBuild(definitions, open),
      segments: open.flatMap(({ segments }) => segments),
      events: events.get(customer.id) ?? [],
    };
  }
}

async function readBuilt(
  client: Queryable,
  workspaceId: string,
  people: readonly string[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ position: number; customer_id: string }>(
    'select position, customer_id from segment_built where workspace_id = $1 and customer_id = any($2::uuid[])',
    [workspaceId, people],
  );
  return new Set(rows.map(({ position, customer_id: id }) => `${position}.${id}`));
}

/** Builds what is pending, at the instant of whatever comes next. Journeys are not told: nobody has done anything. */
export function ensureBuilt(
  context: ApplyContext,
  customer: CustomerWork,
  { position, clock }: { readonly position: number; readonly clock: number },
): void {
  const pending = customer.pendingBuild;
  if (pending === null) return;
  customer.pendingBuild = null;
  customer.changed = true;
  const { definitions, writes } = context;
  recount(customer.facts, pending.facts, pending.events);
  writes.touched.set(customer.id, customer);
  for (const backfill of pending.positions)
    writes.built.push({ position: backfill, customer_id: customer.id });
  const { changes, due } = changedSegments(definitions.segments, {
    view: viewOf(customer),
    now: clock,
    changedSegments: pending.segments,
  });
  noteDue(context, customer, earliest(due, nextDate(definitions, customer.traits, clock)));
  for (const { segment, change } of changes) {
    const version = definitions.segmentVersions.get(segment) ?? 1;
    const ordinal = BUILD_ORDINAL;
    if (change === 'entered')
      customer.members.set(segment, { version, since: clock, position, ordinal });
    else customer.members.delete(segment);
    writes.membershipChanges.push({
      customer_id: customer.id,
      position,
      ordinal,
      segment_key: segment,
      version,
      change,
      at: instant(clock),
      clock: instant(clock),
    });
  }
}

/** The events of people that these facts count, those of all profiles that became theirs as well. */
export async function readCounted(
  client: Queryable,
  workspaceId: string,
  {
    people,
    facts,
  }: { readonly people: readonly string[]; readonly facts: readonly FactDefinition[] },
): Promise<Map<string, PastEvent[]>> {
  const events = new Map<string, PastEvent[]>();
  if (facts.length === 0 || people.length === 0) return events;
  const names = facts.flatMap((fact) =>
    fact.kind === 'absence' ? [fact.event, fact.awaited] : [fact.event],
  );
  const { rows } = await client.query<{
    owner: string;
    name: string;
    event_time: number;
    properties: JsonObject | null;
  }>(
    `with person as (
       select id as owner, id as customer_id from unnest($2::uuid[]) as id
       union all
       select merged_into, customer_id from customer where workspace_id = $1 and merged_into = any($2::uuid[])
     )
     select p.owner, e.name, e.event_time, e.body -> 'properties' as properties
       from person p join event e on e.workspace_id = $1 and e.customer_id = p.customer_id
      where e.name = any($3::text[])
      order by e.position, e.ordinal`,
    [workspaceId, people, [...new Set(names)]],
  );
  for (const { owner, name, event_time: eventTime, properties } of rows) {
    const list = events.get(owner) ?? [];
    list.push({ name, eventTime, properties: properties ?? {} });
    events.set(owner, list);
  }
  return events;
}
