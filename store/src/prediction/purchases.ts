/**
 * Purchase histories at a moment, a page of customers at a time: how often, how recently, since when and for how much. The orders
 * of one day are one purchase, and the first is where the counting begins: it says nothing of coming back.
 */
import type { Queryable } from '../shared/index.js';
import {
  endOfPage,
  KNOWN,
  MEMBERS,
  partsOf,
  type CustomerPage,
  type Snapshot,
} from './features.js';

export interface PurchaseHistory {
  readonly customerId: string;
  /** days with an order after the first such day */
  readonly repeats: number;
  /** days from the first to the last */
  readonly lastDay: number;
  /** days from the first to the moment */
  readonly days: number;
  /** mean of a repeated day's spend; 0 where there is none */
  readonly meanSpend: number;
  readonly totalSpend: number;
  /** days with an order within the horizon after the moment: what the model is measured by */
  readonly later: number;
}

export interface PurchasePage {
  readonly customers: readonly PurchaseHistory[];
  readonly next: string | null;
}

const SQL = `
  with ${MEMBERS},
  orders as (
    select distinct on (m.id, coalesce(e.body -> 'properties' #>> $7::text[], e.position || '.' || e.ordinal))
           m.id, (e.event_time at time zone 'utc')::date as day, e.event_time <= $4::timestamptz as known,
           case when jsonb_typeof(e.body -> 'properties' #> $6::text[]) = 'number'
                then (e.body -> 'properties' #>> $6::text[])::float8 else 0 end as amount
      from members m
      join event e on e.workspace_id = $1 and e.customer_id = m.member
     where e.type = 'track' and e.name = $5
       and ((${KNOWN}) or (e.event_time > $4::timestamptz and e.event_time <= $4::timestamptz + make_interval(days => $8)))
     order by m.id, coalesce(e.body -> 'properties' #>> $7::text[], e.position || '.' || e.ordinal), e.event_time, e.position, e.ordinal),
  days as (
    select id, day, sum(amount) as spend, min(day) over (partition by id) as first from orders where known group by id, day)
  select d.id as "customerId", (count(*) - 1)::int as repeats, (max(day) - min(first))::int as "lastDay",
         (($4::timestamptz at time zone 'utc')::date - min(first))::int as days,
         coalesce(avg(spend) filter (where day > first), 0) as "meanSpend", sum(spend) as "totalSpend",
         (select count(distinct o.day)::int from orders o where o.id = d.id and not o.known) as later
    from days d group by d.id order by d.id`;

export async function readPurchases(
  client: Queryable,
  workspaceId: string,
  { definition, at, after, limit }: Snapshot & CustomerPage,
): Promise<PurchasePage> {
  const { rows } = await client.query<PurchaseHistory>(SQL, [
    workspaceId,
    after,
    limit,
    new Date(at).toISOString(),
    definition.event.name,
    partsOf(definition.event.amount),
    partsOf(definition.event.orderId),
    definition.horizonDays,
  ]);
  return { customers: rows, next: await endOfPage(client, workspaceId, { after, limit }) };
}

export interface HistoryFacts {
  /** days since the first and since the last of the event, at the moment */
  readonly historyDays: number;
  readonly recentDays: number;
  /** different events that were seen */
  readonly eventTypes: number;
}

/** How much there is to learn of at all. */
export async function readHistoryFacts(
  client: Queryable,
  workspaceId: string,
  { definition, at }: Snapshot,
): Promise<HistoryFacts> {
  const { rows } = await client.query<HistoryFacts>(
    `select coalesce(extract(epoch from $2::timestamptz - min(event_time) filter (where name = $3)) / 86400, 0)::float8 as "historyDays",
            coalesce(extract(epoch from $2::timestamptz - max(event_time) filter (where name = $3)) / 86400, 1e6)::float8 as "recentDays",
            count(distinct name)::int as "eventTypes"
       from event where workspace_id = $1 and type = 'track' and event_time <= $2`,
    [workspaceId, new Date(at).toISOString(), definition.event.name],
  );
  return rows[0] ?? { historyDays: 0, recentDays: 1e6, eventTypes: 0 };
}
