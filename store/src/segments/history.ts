import type { Queryable } from '../shared/index.js';
import type { Member } from './memberships.js';

/**
 * The past of memberships, out of their history alone. Times are the lane's clock: what was known then. A merge writes no change
 * for the absorbed person; the merge log says who was in when it happened, and the survivor stays in by it.
 */

/** Who was in a segment at an instant, as it was known then, by the ids that people had then. */
export async function listMembersAsOf(
  client: Queryable,
  workspaceId: string,
  page: {
    readonly segment: string;
    /** RFC 3339 */
    readonly asOf: string;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<Member[]> {
  const { rows } = await client.query<Member>(
    `with ${AS_OF}
     select customer_id as "customerId", since from member
      where $4::uuid is null or customer_id > $4
      order by customer_id limit $5`,
    [workspaceId, page.segment, page.asOf, page.after, page.limit],
  );
  return rows;
}

export async function countMembersAsOf(
  client: Queryable,
  workspaceId: string,
  { segment, asOf }: { readonly segment: string; readonly asOf: string },
): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `with ${AS_OF} select count(*)::int as count from member`,
    [workspaceId, segment, asOf],
  );
  return rows[0]?.count ?? 0;
}

/**
 * What a merge kept of the absorbed person's memberships: keys in early rows, then keys with what each
 * membership was. A merge that was undone is as if it had not been: both people have their own history.
 */
const WAS_IN = `(undone_position is null and (absorbed_state -> 'members' ? $2
      or absorbed_state -> 'members' @> jsonb_build_array(jsonb_build_object('segment', $2::text))))`;

/** The later change wins; a merge that brought a member counts like an entrance just before the changes of the same input. */
const AS_OF = `
  last as (
    select distinct on (customer_id) customer_id, change, at, position, ordinal
      from segment_membership_change
     where workspace_id = $1 and segment_key = $2 and clock <= $3::timestamptz
     order by customer_id, position desc, ordinal desc
  ),
  taken as (
    select distinct on (survivor_id) survivor_id, at, position, ordinal
      from customer_merge
     where workspace_id = $1 and at <= $3::timestamptz and ${WAS_IN}
     order by survivor_id, position desc, ordinal desc
  ),
  member as (
    select p.customer_id, p.since
      from (
        select customer_id, at as since from last where change = 'entered'
        union all
        select t.survivor_id, t.at
          from taken t left join last l on l.customer_id = t.survivor_id
         where l.customer_id is null or (l.change = 'left' and (t.position, t.ordinal) > (l.position, l.ordinal))
      ) p
     where not exists (
       select from customer_merge g
        where g.workspace_id = $1 and g.absorbed_id = p.customer_id and g.at <= $3::timestamptz and g.undone_position is null)
  )`;

export type HistoryBucket = 'hour' | 'day' | 'week';

export interface SizeWanted {
  readonly segment: string;
  /** RFC 3339; both are moved out to the edges of their buckets, in UTC */
  readonly from: string;
  readonly to: string;
  readonly bucket: HistoryBucket;
}

export interface SizePoint {
  /** begin of the bucket, ms since epoch */
  readonly from: number;
  readonly entered: number;
  readonly left: number;
  /** people who stopped being people of their own, because another member took them in */
  readonly merged: number;
  /** members at the end of the bucket */
  readonly size: number;
}

/** The size of a segment over time: every bucket of the range, also those in which nothing happened. */
export async function readSizeHistory(
  client: Queryable,
  workspaceId: string,
  wanted: SizeWanted,
): Promise<SizePoint[]> {
  const { rows } = await client.query<SizePoint>(SIZES, [
    workspaceId,
    wanted.segment,
    wanted.from,
    wanted.to,
    wanted.bucket,
    WIDTHS[wanted.bucket],
  ]);
  return rows;
}

/** In hours: a day that is added in the session's zone has 23 of them once a year. */
const WIDTHS: Readonly<Record<HistoryBucket, string>> = {
  hour: '1 hour',
  day: '24 hours',
  week: '168 hours',
};

/** Of the members that meet in one merge, one remains; members by an earlier merge count as well as those who entered. */
const SIZES = `
  with change as (
    select customer_id, change, position, ordinal, clock from segment_membership_change
     where workspace_id = $1 and segment_key = $2
  ),
  meeting as (
    select survivor_id, position, ordinal, min(at) as clock, count(*) as members from customer_merge
     where workspace_id = $1 and ${WAS_IN}
     group by survivor_id, position, ordinal
  ),
  united as (
    select m.clock, m.members - 1 + case
        when l.change = 'entered' then 1
        when exists (select from meeting e
                      where e.survivor_id = m.survivor_id and (e.position, e.ordinal) < (m.position, m.ordinal)
                        and (l.change is null or (e.position, e.ordinal) > (l.position, l.ordinal))) then 1
        else 0 end as fewer
      from meeting m
      left join lateral (
        select change, position, ordinal from change c
         where c.customer_id = m.survivor_id and (c.position, c.ordinal) < (m.position, m.ordinal)
         order by position desc, ordinal desc limit 1) l on true
  ),
  happened as (
    select clock, (change = 'entered')::int as entered, (change = 'left')::int as "left", 0 as merged from change
    union all
    select clock, 0, 0, fewer from united
  ),
  bucket as (
    select start from generate_series(
      date_trunc($5, $3::timestamptz, 'UTC'), $4::timestamptz, $6::interval) as start
  ),
  summed as (
    select greatest(date_trunc($5, clock, 'UTC'), date_trunc($5, $3::timestamptz, 'UTC') - $6::interval) as start,
           sum(entered) as entered, sum("left") as "left", sum(merged) as merged
      from happened group by 1
  ),
  filled as (
    select start, entered, "left", merged from summed
    union all
    select b.start, 0, 0, 0 from bucket b where not exists (select from summed s where s.start = b.start)
  ),
  running as (
    select start, entered, "left", merged,
           sum(entered - "left" - merged) over (order by start) as size from filled
  )
  select r.start as "from", r.entered::int, r."left"::int, r.merged::int, r.size::int
    from running r join bucket b using (start) order by start`;
