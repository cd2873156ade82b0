/** Counts the orders of a workspace into a model, and makes it the one that answers. */
import { MOST_IN_BASKET } from '@throughline/domain/recommendations';
import {
  RecommendationSettingsSchema,
  type RecommendationSettings,
} from '@throughline/domain/recommendations/schemas';
import type { Queryable } from '../shared/index.js';
import { linesSql, pathOf } from './lines.js';
import { beginRefresh } from './runs.js';

export interface CountedModel {
  readonly baskets: number;
  readonly items: number;
  readonly pairs: number;
}

export interface Build {
  readonly runId: string;
  readonly now: number;
}

const DAY_MS = 86_400_000;
/** A count that takes longer than this has met something that it was not made for. */
const LONGEST = '30min';

/**
 * All of a model's rows in one transaction: a build that dies leaves none, one that is repeated writes over its own. Null where
 * the run is over.
 */
export async function buildRecommendations(
  client: Queryable,
  workspaceId: string,
  { runId, now }: Build,
): Promise<CountedModel | null> {
  const stored = await beginRefresh(client, workspaceId, runId);
  if (stored === null) return null;
  const settings = RecommendationSettingsSchema.parse(stored);
  await client.query(`set local statement_timeout = '${LONGEST}'`);
  for (const table of ['recommendation_pair', 'recommendation_item'])
    await client.query(`delete from ${table} where workspace_id = $1 and run_id = $2`, [
      workspaceId,
      runId,
    ]);
  const { rows } = await client.query<CountedModel>(
    countSql(settings),
    valuesOf(workspaceId, { runId, now }, settings),
  );
  const counted = rows[0] ?? { baskets: 0, items: 0, pairs: 0 };
  await client.query(
    `update recommendation_run set baskets = $3, items = $4, pairs = $5 where workspace_id = $1 and run_id = $2`,
    [workspaceId, runId, counted.baskets, counted.items, counted.pairs],
  );
  return counted;
}

function valuesOf(
  workspaceId: string,
  { runId, now }: Build,
  {
    event,
    itemsPath,
    itemIdPath,
    windowDays,
    minSupport,
    perItem,
    shrinkage,
  }: RecommendationSettings,
): unknown[] {
  const since = new Date(now - windowDays * DAY_MS);
  const paths = [itemsPath === null ? null : pathOf(itemsPath), pathOf(itemIdPath)];
  return [
    workspaceId,
    event,
    ...paths,
    since,
    runId,
    minSupport,
    perItem,
    shrinkage,
    MOST_IN_BASKET,
  ];
}

/** The gain is domain/recommendations' `gainOf`, term by term, so that both rank alike. */
function countSql({ basket }: RecommendationSettings): string {
  const key = basket === 'order' ? `l.position || '.' || l.ordinal` : 'l.owner::text';
  return `
  with line as (${linesSql("and e.event_time >= $5 and e.clock >= $5::timestamptz - interval '1 day'")}),
  held as (select distinct ${key} as basket, l.item_id from line l),
  numbered as (select basket, item_id, row_number() over (partition by basket order by item_id) as nth from held),
  bought as materialized (select basket, item_id from numbered where nth <= $10),
  total as materialized (select count(distinct basket) as baskets from bought),
  counted as materialized (select item_id, count(*) as baskets from bought group by item_id),
  usual as materialized (
    select b.basket, b.item_id from bought b join counted c using (item_id) where c.baskets >= $7),
  met as (
    select a.item_id as one, b.item_id as two, count(*) as both_baskets
      from usual a join usual b on b.basket = a.basket and b.item_id > a.item_id
     group by 1, 2 having count(*) >= $7),
  directed as (
    select one as item_id, two as other_id, both_baskets from met
    union all select two, one, both_baskets from met),
  gained as (
    select d.*, (d.both_baskets - l.baskets * (r.baskets::float8 / t.baskets)) / (l.baskets + $9::float8) as gain
      from directed d join counted l on l.item_id = d.item_id join counted r on r.item_id = d.other_id cross join total t),
  ranked as (
    select item_id, other_id, both_baskets,
           row_number() over (partition by item_id order by gain desc, both_baskets desc, other_id) as rank
      from gained where gain > 0),
  items as (
    insert into recommendation_item (workspace_id, run_id, item_id, baskets)
    select $1, $6, item_id, baskets from counted returning 1),
  pairs as (
    insert into recommendation_pair (workspace_id, run_id, item_id, rank, other_id, both_baskets)
    select $1, $6, item_id, rank, other_id, both_baskets from ranked where rank <= $8 returning 1)
  select (select baskets from total) as baskets, (select count(*) from items) as items, (select count(*) from pairs) as pairs`;
}

/** From here on the run's model answers. The one before stays for whoever has just begun to read it; older ones go. */
export async function publishRecommendations(
  client: Queryable,
  workspaceId: string,
  runId: string,
): Promise<void> {
  const { rows } = await client.query<{ before: string | null }>(
    `select live_run_id as before from recommendation_setting where workspace_id = $1 for update`,
    [workspaceId],
  );
  const done = await client.query(
    `update recommendation_run set state = 'done', finished_at = clock_timestamp()
      where workspace_id = $1 and run_id = $2 and state = 'running'`,
    [workspaceId, runId],
  );
  if (done.rowCount === 0) return;
  await client.query(`update recommendation_setting set live_run_id = $2 where workspace_id = $1`, [
    workspaceId,
    runId,
  ]);
  const kept = [runId, ...rows.flatMap(({ before }) => (before === null ? [] : [before]))];
  for (const table of ['recommendation_pair', 'recommendation_item'])
    await client.query(
      `delete from ${table} t using recommendation_run r
        where t.workspace_id = $1 and r.workspace_id = $1 and r.run_id = t.run_id and t.run_id <> all($2::uuid[])
          and r.state in ('done', 'cancelled')`,
      [workspaceId, kept],
    );
}
