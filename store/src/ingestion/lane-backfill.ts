import type { LogRow } from '@throughline/domain/ingestion';
import type { Facts, Traits } from '@throughline/domain/profiles';
import {
  changedSegments,
  countFacts,
  type FactDefinition,
  type MembershipChange,
} from '@throughline/domain/segments';
import type { JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { instant } from './lane-work.js';

export interface DefinitionChange {
  readonly workspaceId: string;
  readonly before: LaneDefinitions;
  readonly after: LaneDefinitions;
  readonly row: LogRow;
}

const PAGE = 1_000;

/**
 * What changed definitions mean for people who are here already: new facts are counted from their events, and everybody is
 * measured against the segments that changed. In lane order, so that a fact is complete before the next event adds to it.
 * Nobody enters a journey by this: those inside enter "only from now on".
 */
export async function applyDefinitions(client: Queryable, change: DefinitionChange): Promise<void> {
  const { before, after, workspaceId } = change;
  const added = after.segments.facts.filter(
    (fact) => !before.segments.facts.some(({ key }) => key === fact.key),
  );
  const changed = changedKeys(before.segmentVersions, after.segmentVersions);
  await dropSegments(
    client,
    change,
    [...before.segmentVersions.keys()].filter((key) => !after.segmentVersions.has(key)),
  );
  if (added.length === 0 && changed.length === 0) return;
  for (let from = ''; ;) {
    const page = await readPage(client, workspaceId, from);
    const last = page.at(-1);
    if (!last) return;
    await backfillPage(client, change, { page, added, changed });
    from = last.customer_id;
  }
}

function changedKeys(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): string[] {
  return [...after].filter(([key, version]) => before.get(key) !== version).map(([key]) => key);
}

interface PageRow {
  readonly customer_id: string;
  readonly traits: Traits;
  readonly facts: Facts;
  readonly segments: readonly string[];
}

async function readPage(client: Queryable, workspaceId: string, after: string): Promise<PageRow[]> {
  const { rows } = await client.query<PageRow>(
    `select c.customer_id, c.traits, c.facts,
            coalesce((select array_agg(m.segment_key) from segment_membership m
                       where m.workspace_id = c.workspace_id and m.customer_id = c.customer_id), '{}') as segments
       from customer c
      where c.workspace_id = $1 and c.merged_into is null and ($2 = '' or c.customer_id > $2::uuid)
      order by c.customer_id limit $3 for no key update of c`,
    [workspaceId, after === '' ? '' : after, PAGE],
  );
  return rows;
}

interface PageWork {
  readonly page: readonly PageRow[];
  readonly added: readonly FactDefinition[];
  readonly changed: readonly string[];
}

async function backfillPage(
  client: Queryable,
  change: DefinitionChange,
  { page, added, changed }: PageWork,
): Promise<void> {
  const { workspaceId, after, row } = change;
  const counts = await countPage(client, workspaceId, { page, added });
  const factRows: unknown[] = [];
  const changes: (MembershipChange & { customer_id: string })[] = [];
  for (const person of page) {
    const facts = { ...person.facts, ...counts.get(person.customer_id) };
    if (added.length > 0) factRows.push({ customer_id: person.customer_id, facts });
    const found = changedSegments(after.segments, {
      view: { traits: person.traits, facts, segments: new Set(person.segments) },
      changedSegments: changed,
    });
    for (const { segment, change: kind } of found) {
      changes.push({
        customer_id: person.customer_id,
        segment,
        change: kind,
        version: after.segmentVersions.get(segment) ?? 1,
      });
    }
  }
  if (factRows.length > 0) {
    await client.query(
      `update customer c set facts = r.facts from json_to_recordset($2::json) as r(customer_id uuid, facts jsonb)
        where c.workspace_id = $1 and c.customer_id = r.customer_id`,
      [workspaceId, JSON.stringify(factRows)],
    );
  }
  await writeChanges(client, workspaceId, row, changes);
}

/** The events of a page of people, of all profiles that became theirs, counted fact by fact. */
async function countPage(
  client: Queryable,
  workspaceId: string,
  { page, added }: Pick<PageWork, 'page' | 'added'>,
): Promise<Map<string, Facts>> {
  const counts = new Map<string, Facts>();
  if (added.length === 0) return counts;
  const { rows } = await client.query<{
    owner: string;
    name: string;
    properties: JsonObject | null;
  }>(
    `with person as (
       select id as owner, id as customer_id from unnest($2::uuid[]) as id
       union all
       select merged_into, customer_id from customer where workspace_id = $1 and merged_into = any($2::uuid[])
     )
     select p.owner, e.name, e.body -> 'properties' as properties
       from person p join event e on e.workspace_id = $1 and e.customer_id = p.customer_id
      where e.name = any($3::text[])`,
    [
      workspaceId,
      page.map(({ customer_id: id }) => id),
      [...new Set(added.map(({ event }) => event))],
    ],
  );
  for (const { owner, name, properties } of rows) {
    counts.set(
      owner,
      countFacts(added, counts.get(owner) ?? {}, { name, properties: properties ?? {} }),
    );
  }
  return counts;
}

async function writeChanges(
  client: Queryable,
  workspaceId: string,
  row: LogRow,
  changes: readonly (MembershipChange & { readonly customer_id: string })[],
): Promise<void> {
  if (changes.length === 0) return;
  await client.query(
    `with r as (select * from json_to_recordset($2::json) as r(customer_id uuid, segment text, version int, change text)),
     history as (
       insert into segment_membership_change (workspace_id, customer_id, position, ordinal, segment_key, version, change, at, clock)
       select $1, customer_id, $3, 0, segment, version, change, $4, $4 from r
     ), gone as (
       delete from segment_membership m using r
        where m.workspace_id = $1 and m.customer_id = r.customer_id and m.segment_key = r.segment and r.change = 'left'
     )
     insert into segment_membership (workspace_id, customer_id, segment_key, version, since, position, ordinal)
     select $1, customer_id, segment, version, $4, $3, 0 from r where change = 'entered'
     on conflict (workspace_id, customer_id, segment_key) do update set version = excluded.version`,
    [workspaceId, JSON.stringify(changes), row.position, instant(row.clock)],
  );
}

/** An archived segment has no members any more; its history says when that happened. */
async function dropSegments(
  client: Queryable,
  { workspaceId, row }: DefinitionChange,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await client.query(
    `with gone as (
       delete from segment_membership where workspace_id = $1 and segment_key = any($2::text[]) returning customer_id, segment_key, version
     )
     insert into segment_membership_change (workspace_id, customer_id, position, ordinal, segment_key, version, change, at, clock)
     select $1, customer_id, $3, 0, segment_key, version, 'left', $4, $4 from gone`,
    [workspaceId, keys, row.position, instant(row.clock)],
  );
}
