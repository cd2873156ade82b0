import type { LogRow } from '@throughline/domain/ingestion';
import type { MutableFacts, Traits } from '@throughline/domain/profiles';
import { changedSegments, growth, type MembershipChange } from '@throughline/domain/segments';
import type { Queryable } from '../shared/index.js';
import { dropSegments, lowerDue, writeChanges, writeFacts } from './lane-backfill-write.js';
import { factsToBuild, recount, readCounted, type Backfill } from './lane-build.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { earliest, nextDate } from './lane-plan.js';
import { instant } from './lane-work.js';

/**
 * What changed definitions mean for people who are here already: their new facts are counted from their events, and everybody is
 * measured against the segments that changed. Each page of customers is an input of the log, so events go on between the pages
 * and a killed holder loses at most one page. Nobody enters a journey by this: those inside enter "only from now on".
 */
export interface DefinitionChange {
  readonly workspaceId: string;
  readonly before: LaneDefinitions;
  readonly after: LaneDefinitions;
  readonly row: LogRow;
}

const PAGE = 500;

/** Notes what has to be built, and answers whether pages follow. */
export async function beginBackfill(
  client: Queryable,
  { before, after, workspaceId, row }: DefinitionChange,
): Promise<boolean> {
  await dropSegments(
    client,
    { workspaceId, row },
    [...before.segmentVersions.keys()].filter((key) => !after.segmentVersions.has(key)),
  );
  const facts = growth(before.segments, after.segments).map(({ key }) => key);
  const segments = changedKeys(before.segmentVersions, after.segmentVersions);
  const dated = after.dated.some(
    ({ key, version }) => !before.dated.some((old) => old.key === key && old.version === version),
  );
  if (facts.length === 0 && segments.length === 0 && !dated) return false;
  const { rows } = await client.query(
    `insert into segment_backfill (workspace_id, position, facts, segments, total)
     select $1, $2, $3, $4, count(*) from customer where workspace_id = $1 and merged_into is null having count(*) > 0
     returning 1`,
    [workspaceId, row.position, JSON.stringify(facts), JSON.stringify(segments)],
  );
  return rows.length > 0;
}

function changedKeys(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): string[] {
  return [...after].filter(([key, version]) => before.get(key) !== version).map(([key]) => key);
}

/** The backfills that are under way. */
export async function readBackfills(client: Queryable, workspaceId: string): Promise<Backfill[]> {
  const { rows } = await client.query<Backfill>(
    `select position, facts, segments, cursor from segment_backfill
      where workspace_id = $1 and finished_at is null order by position`,
    [workspaceId],
  );
  return rows;
}

export interface PageContext {
  readonly workspaceId: string;
  readonly definitions: LaneDefinitions;
  readonly row: LogRow;
  readonly backfill: Backfill;
}

/** Builds the next page of customers, and answers whether more follow. */
export async function buildPage(client: Queryable, context: PageContext): Promise<boolean> {
  const { workspaceId, backfill, row } = context;
  const page = await readPage(client, workspaceId, backfill.cursor);
  await measurePage(client, context, page);
  const last = page.at(-1);
  const finished = page.length < PAGE;
  await client.query(
    `update segment_backfill set cursor = coalesce($3, cursor), done = done + $4, finished_at = $5
      where workspace_id = $1 and position = $2`,
    [
      workspaceId,
      backfill.position,
      last?.customer_id ?? null,
      page.length,
      finished ? instant(row.clock) : null,
    ],
  );
  if (!finished) return true;
  await client.query('delete from segment_built where workspace_id = $1 and position = $2', [
    workspaceId,
    backfill.position,
  ]);
  return false;
}

interface PageRow {
  readonly customer_id: string;
  readonly traits: Traits;
  readonly facts: MutableFacts;
  readonly segments: readonly string[];
}

async function readPage(
  client: Queryable,
  workspaceId: string,
  after: string | null,
): Promise<PageRow[]> {
  const { rows } = await client.query<PageRow>(
    `select c.customer_id, c.traits, c.facts,
            coalesce((select array_agg(m.segment_key) from segment_membership m
                       where m.workspace_id = c.workspace_id and m.customer_id = c.customer_id), '{}') as segments
       from customer c
      where c.workspace_id = $1 and c.merged_into is null and ($2::uuid is null or c.customer_id > $2::uuid)
      order by c.customer_id limit $3 for no key update of c`,
    [workspaceId, after, PAGE],
  );
  return rows;
}

async function measurePage(
  client: Queryable,
  { workspaceId, definitions, backfill, row }: PageContext,
  page: readonly PageRow[],
): Promise<void> {
  const building = factsToBuild(definitions, [backfill]);
  const people = page.map((person) => person.customer_id);
  const counted = await readCounted(client, workspaceId, { people, facts: building });
  const changes: (MembershipChange & { customer_id: string })[] = [];
  const due: { customer_id: string; due: string }[] = [];
  for (const { customer_id: id, traits, facts, segments } of page) {
    recount(facts, building, counted.get(id) ?? []);
    const found = changedSegments(definitions.segments, {
      view: { traits, facts, segments: new Set(segments) },
      now: row.clock,
      changedSegments: backfill.segments,
    });
    const next = earliest(found.due, nextDate(definitions, traits, row.clock));
    if (next !== null) due.push({ customer_id: id, due: instant(next) });
    for (const { segment, change } of found.changes) {
      const version = definitions.segmentVersions.get(segment) ?? 1;
      changes.push({ customer_id: id, segment, change, version });
    }
  }
  if (building.length > 0) await writeFacts(client, workspaceId, page);
  await writeChanges(client, { workspaceId, row }, changes);
  await lowerDue(client, workspaceId, due);
}
