/**
 * People as they were: a page of customers with what they were at the beginning of a time and what happened to them within it, for
 * the simulator. Read from history alone; whoever merged since is one person from the beginning on.
 */
import type { Consent, ConsentAssertion } from '@throughline/domain/consent';
import {
  simulationReads,
  type CustomerHappening,
  type KnownAddress,
  type SimulatedPage,
  type VirtualCustomer,
} from '@throughline/domain/journeys';
import type { MutableFacts, TraitValue } from '@throughline/domain/profiles';
import { countInto } from '@throughline/domain/segments';
import { isJsonObject, type Json, type JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type { SimulationPlan } from './simulation-plan.js';
import { timestampText } from './timestamp.js';

export interface PeopleWanted {
  readonly workspaceId: string;
  readonly plan: SimulationPlan;
  /** ids of survivors */
  readonly customers: readonly string[];
}

/** What is known of one person before anything is put together. */
interface Draft {
  readonly traits: Record<string, TraitValue>;
  readonly facts: MutableFacts;
  readonly segments: string[];
  readonly consents: Consent[];
  readonly emails: KnownAddress[];
}

export async function readSimulatedPeople(
  client: Queryable,
  { workspaceId, plan, customers }: PeopleWanted,
): Promise<SimulatedPage> {
  const reads = simulationReads(plan.definition);
  const page: Page = {
    people: new Map(customers.map((id) => [id, blank()])),
    values: [workspaceId, customers, plan.fromPosition],
  };
  await takeTraits(client, page);
  await takeConsents(client, page);
  await takeMemberships(client, page, reads.segments);
  await takeFacts(client, page, reads);
  await takeEmails(client, page);
  const log = await readLog(client, page, { ...reads, plan });
  const suppressions = await readSuppressions(client, workspaceId, addressesOf(page, log));
  return { customers: Object.fromEntries(finished(page, suppressions)), log };
}

interface Page {
  readonly people: ReadonlyMap<string, Draft>;
  /** of every statement: workspace, survivors, the last position before the time begins */
  readonly values: readonly [string, readonly string[], number];
}

function blank(): Draft {
  return { traits: {}, facts: {}, segments: [], consents: [], emails: [] };
}

/** Rows keep the owner that they were written for, so whoever merged into a survivor is asked as well. */
const PERSON = `
  person as (
    select customer_id, coalesce(merged_into, customer_id) as owner from customer
     where workspace_id = $1 and (customer_id = any ($2::uuid[]) or merged_into = any ($2::uuid[])))`;

function putEach<Row extends { readonly owner: string }>(
  { people }: Page,
  rows: readonly Row[],
  put: (draft: Draft, row: Row) => void,
): void {
  for (const row of rows) {
    const draft = people.get(row.owner);
    if (draft !== undefined) put(draft, row);
  }
}

interface TraitRow {
  readonly owner: string;
  readonly name: string;
  readonly v: Json;
  readonly t: number;
  readonly p: number;
  readonly o: number;
  readonly s: string | null;
}

async function takeTraits(client: Queryable, page: Page): Promise<void> {
  const { rows } = await client.query<TraitRow>(
    `with ${PERSON}
    select distinct on (p.owner, t.name) p.owner, t.name, t.value as v, t.event_time as t, t.position as p, t.ordinal as o,
           t.source_key as s
      from person p join trait_change t on t.workspace_id = $1 and t.customer_id = p.customer_id
     where t.position <= $3 order by p.owner, t.name, t.position desc, t.ordinal desc`,
    [...page.values],
  );
  putEach(page, rows, ({ traits }, { name, v, t, p, o, s }) => {
    traits[name] = { v, t, p, o, s };
  });
}

async function takeConsents(client: Queryable, page: Page): Promise<void> {
  const { rows } = await client.query<Consent & { readonly owner: string }>(
    `with ${PERSON}
    select distinct on (p.owner, c.purpose, c.channel) p.owner, c.purpose, c.channel, c.state, c.event_time as "eventTime",
           c.position, c.ordinal
      from person p join consent_change c on c.workspace_id = $1 and c.customer_id = p.customer_id
     where c.position <= $3 order by p.owner, c.purpose, c.channel, c.position desc, c.ordinal desc`,
    [...page.values],
  );
  putEach(page, rows, ({ consents }, row) => {
    const { purpose, channel, state, eventTime, position, ordinal } = row;
    consents.push({ purpose, channel, state, eventTime, position, ordinal });
  });
}

async function takeMemberships(
  client: Queryable,
  page: Page,
  segments: readonly string[],
): Promise<void> {
  if (segments.length === 0) return;
  const { rows } = await client.query<{ readonly owner: string; readonly segment: string }>(
    `with ${PERSON}
    select owner, segment from (
      select distinct on (p.owner, s.segment_key) p.owner, s.segment_key as segment, s.change
        from person p join segment_membership_change s on s.workspace_id = $1 and s.customer_id = p.customer_id
       where s.position <= $3 and s.segment_key = any ($4::text[])
       order by p.owner, s.segment_key, s.position desc, s.ordinal desc) latest
     where change = 'entered'`,
    [...page.values, segments],
  );
  putEach(page, rows, (draft, { segment }) => {
    draft.segments.push(segment);
  });
}

interface CountedRow {
  readonly owner: string;
  readonly name: string;
  readonly properties: JsonObject | null;
  readonly eventTime: number;
}

/** Counted anew by the code that counts live ones: what a draft asks for, nobody has counted yet. */
async function takeFacts(
  client: Queryable,
  page: Page,
  { counted, index }: ReturnType<typeof simulationReads>,
): Promise<void> {
  if (counted.length === 0) return;
  const { rows } = await client.query<CountedRow>(
    `with ${PERSON}
    select p.owner, e.name, e.body -> 'properties' as properties, e.event_time as "eventTime"
      from person p join event e on e.workspace_id = $1 and e.customer_id = p.customer_id
     where e.position <= $3 and e.name = any ($4::text[]) order by e.position, e.ordinal`,
    [...page.values, counted],
  );
  putEach(page, rows, ({ facts }, { name, properties, eventTime }) => {
    countInto(facts, index.factsByEvent(name), { name, properties: properties ?? {}, eventTime });
  });
}

/** The newest last; of two that came at once, the one that a send would choose. Identifiers move with a merge. */
async function takeEmails(client: Queryable, page: Page): Promise<void> {
  const [workspaceId, customers] = page.values;
  const { rows } = await client.query<KnownAddress & { readonly owner: string }>(
    `select customer_id as owner, value, first_seen_at as since from identifier
      where workspace_id = $1 and customer_id = any ($2::uuid[]) and type = 'email' order by first_seen_at, value desc`,
    [workspaceId, customers],
  );
  putEach(page, rows, ({ emails }, { value, since }) => {
    emails.push({ value, since });
  });
}

interface LogWanted {
  readonly events: readonly string[];
  readonly segments: readonly string[];
  readonly plan: SimulationPlan;
}

interface LogRow {
  readonly owner: string;
  readonly position: number;
  readonly ordinal: number;
  readonly clock: number;
  readonly name: string | null;
  readonly messageId: string | null;
  readonly eventTime: number | null;
  readonly properties: JsonObject | null;
  readonly traits: JsonObject | null;
  readonly consents: readonly ConsentAssertion[] | null;
  readonly imported: boolean;
  readonly segment: string | null;
  readonly change: 'entered' | 'left' | null;
  readonly found: boolean;
}

/**
 * Events that the journey asks about, or that change who the person is, and behind each the memberships that it changed. What a
 * publication found out about people who were here already (a page of a backfill, or the building of one who came first) is of
 * no event and at its clock.
 */
const LOG = `with ${PERSON}
  select * from (
    select p.owner, e.position, e.ordinal, e.clock, 0 as rank, e.name, e.message_id as "messageId", e.event_time as "eventTime",
           e.body -> 'properties' as properties, nullif(e.body -> 'traits', '{}') as traits,
           nullif(e.body -> 'consents', '[]') as consents, coalesce(e.body -> 'imported' = 'true', false) as imported,
           null as segment, null as change, false as found
      from person p join event e on e.workspace_id = $1 and e.customer_id = p.customer_id
     where e.position > $3 and e.position <= $4 and e.clock >= $7 and e.clock <= $8
       and (e.name = any ($5::text[]) or e.body -> 'traits' <> '{}' or e.body -> 'consents' <> '[]')
    union all
    select p.owner, s.position, s.ordinal, s.clock, 1, null, null, null, null, null, null,
           coalesce((select e.body -> 'imported' = 'true' from event e
                      where e.workspace_id = $1 and e.position = s.position and e.ordinal = s.ordinal and e.clock = s.clock), false),
           s.segment_key, s.change,
           s.ordinal = -2000000 or s.ordinal = 0 and not exists (
             select from event e where e.workspace_id = $1 and e.position = s.position and e.ordinal = 0 and e.clock = s.clock)
      from person p join segment_membership_change s on s.workspace_id = $1 and s.customer_id = p.customer_id
     where s.position > $3 and s.position <= $4 and s.segment_key = any ($6::text[])
  ) inputs
  order by position, ordinal, rank, segment`;

async function readLog(
  client: Queryable,
  { values }: Page,
  { events, segments, plan }: LogWanted,
): Promise<CustomerHappening[]> {
  const { untilPosition, from, until } = plan;
  const time = [timestampText(from), timestampText(until)];
  const more = [untilPosition, events, segments, ...time];
  const { rows } = await client.query<LogRow>(LOG, [...values, ...more]);
  return rows.map(happened);
}

function happened(row: LogRow): CustomerHappening {
  const { owner: customer, segment, change, imported, found } = row;
  const ref = { position: row.position, ordinal: row.ordinal, clock: row.clock };
  if (segment !== null && change !== null) {
    const happening = { kind: 'segment', segment, change, ref, imported } as const;
    return { customer, happening, found };
  }
  const { traits, consents } = row;
  return {
    customer,
    happening: {
      kind: 'event',
      name: row.name ?? '',
      properties: isJsonObject(row.properties) ? row.properties : {},
      eventTime: row.eventTime ?? row.clock,
      messageId: row.messageId ?? '',
      ref,
      imported,
    },
    ...(isJsonObject(traits) ? { traits } : {}),
    ...(consents === null ? {} : { consents }),
  };
}

/** Every address that a person may be written to within the time. */
function addressesOf({ people }: Page, log: readonly CustomerHappening[]): string[] {
  const known = [...people.values()].flatMap(({ emails, traits }) => [
    ...emails.map(({ value }) => value),
    traits['email']?.v,
  ]);
  const said = log.map(({ traits }) => traits?.['email']);
  const texts = [...known, ...said].flatMap((value) => (typeof value === 'string' ? [value] : []));
  return [...new Set(texts.map((text) => text.trim().toLowerCase()))];
}

async function readSuppressions(
  client: Queryable,
  workspaceId: string,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (addresses.length === 0) return new Map();
  const { rows } = await client.query<KnownAddress>(
    `select a.value, s.at as since from unnest($2::text[]) as a(value)
       join suppression s on s.workspace_id = $1 and s.channel = 'email'
        and s.address_hash = sha256(convert_to('email:' || a.value, 'UTF8'))`,
    [workspaceId, addresses],
  );
  return new Map(rows.map(({ value, since }) => [value, since]));
}

/** Suppressions are few: each person is given those of the page. */
function* finished(
  { people }: Page,
  suppressed: ReadonlyMap<string, number>,
): Generator<[string, VirtualCustomer]> {
  const suppressions = [...suppressed].map(([value, since]) => ({ value, since }));
  for (const [id, draft] of people) yield [id, { ...draft, suppressions }];
}
