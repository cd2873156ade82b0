/**
 * What is known of customers at a moment, as numbers, a page of customers at a time. A row counts if it happened by then and had
 * been received by then; what was imported had happened before anybody was asked, and counts by its own time. Whoever was merged
 * away counts as who they are now. The label alone looks past the moment, and only where it is asked for.
 */
import type { PredictionDefinition } from '@throughline/domain/prediction/schemas';
import type { Queryable } from '../shared/index.js';

export interface Snapshot {
  readonly definition: PredictionDefinition;
  /** ms since epoch: nothing later is known */
  readonly at: number;
}

export interface CustomerPage {
  readonly after: string | null;
  /** customers looked at, of whom those with no history are left out */
  readonly limit: number;
}

export interface KnownCustomer {
  readonly customerId: string;
  readonly features: Readonly<Record<string, number | null>>;
  /** whether the label came true within the horizon after the moment */
  readonly label: boolean;
}

export interface KnownPage {
  readonly customers: readonly KnownCustomer[];
  /** the last customer looked at; null: there are no more */
  readonly next: string | null;
}

/** $1 workspace, $2 after, $3 limit: a page of customers, and under which ids their events may stand. */
export const MEMBERS = `
  page as (
    select customer_id as id from customer
     where workspace_id = $1 and merged_into is null and ($2::uuid is null or customer_id > $2)
     order by customer_id limit $3),
  members as (
    select id, id as member from page
    union all
    select c.merged_into, c.customer_id from customer c join page on c.merged_into = page.id where c.workspace_id = $1)`;

/** $4 the moment. The label's window is the only thing that may look past it. */
export const KNOWN = `e.event_time <= $4 and (e.clock <= $4 or e.body ->> 'imported' = 'true')`;

const SQL = `
  with ${MEMBERS},
  seen as (
    select m.id, e.name, e.event_time, e.name = $6 as goal, e.position, e.ordinal,
           case when e.name = $6 then e.body -> 'properties' #>> $8::text[] end as order_id,
           case when e.name = $6 and jsonb_typeof(e.body -> 'properties' #> $7::text[]) = 'number'
                then (e.body -> 'properties' #>> $7::text[])::float8 end as amount,
           extract(epoch from $4::timestamptz - e.event_time)::float8 / 86400 as age
      from members m
      join event e on e.workspace_id = $1 and e.customer_id = m.member
     where e.type = 'track' and ${KNOWN} and e.event_time > $4::timestamptz - make_interval(days => $5)),
  -- the same order told twice is one order
  once as (
    select distinct on (id, coalesce(order_id, position || '.' || ordinal)) * from seen
     order by id, coalesce(order_id, position || '.' || ordinal), event_time, position, ordinal),
  named as (
    select id, jsonb_object_agg('count_30:' || name, newest) || jsonb_object_agg('count_90:' || name, newer) as counts
      from (select id, name, count(*) filter (where age < 30) as newest, count(*) filter (where age < 90) as newer
              from once where name = any($9::text[]) group by id, name) each group by id)
  select o.id as "customerId",
         jsonb_build_object(
           'days_since_last', min(age) filter (where goal),
           'days_since_first', max(age) filter (where goal),
           'count_30', count(*) filter (where goal and age < 30),
           'count_90', count(*) filter (where goal and age < 90),
           'count_all', count(*) filter (where goal),
           'mean_gap_days', (max(age) filter (where goal) - min(age) filter (where goal))
                              / nullif(count(*) filter (where goal) - 1, 0),
           'amount_90', sum(amount) filter (where age < 90),
           'amount_all', sum(amount),
           'amount_mean', avg(amount),
           'any_days_since_last', min(age),
           'any_7', count(*) filter (where age < 7),
           'any_30', count(*) filter (where age < 30),
           'any_90', count(*) filter (where age < 90),
           'active_days_90', count(distinct floor(age)) filter (where age < 90),
           'event_types_90', count(distinct name) filter (where age < 90))
         || coalesce((select counts from named n where n.id = o.id), '{}') as features,
         exists (select from members m join event e on e.workspace_id = $1 and e.customer_id = m.member
                  where m.id = o.id and e.type = 'track' and e.name = $10
                    and e.event_time > $4::timestamptz and e.event_time <= $4::timestamptz + make_interval(days => $11)) as did
    from once o
   group by o.id
  having bool_or(goal) or $12
   order by o.id`;

/** Customers with a history: for a propensity everybody who did anything, else whoever did the event. */
export async function readKnownCustomers(
  client: Queryable,
  workspaceId: string,
  { definition, at, after, limit }: Snapshot & CustomerPage,
): Promise<KnownPage> {
  const label = labelOf(definition);
  const { rows } = await client.query<{
    customerId: string;
    features: Record<string, number | null>;
    did: boolean;
  }>(SQL, [
    workspaceId,
    after,
    limit,
    new Date(at).toISOString(),
    definition.lookbackDays,
    definition.event.name,
    partsOf(definition.event.amount),
    partsOf(definition.event.orderId),
    definition.features.events,
    label.event,
    definition.horizonDays,
    definition.kind === 'propensity',
  ]);
  const customers = rows.map(({ customerId, features, did }) => ({
    customerId,
    features: { ...uncounted(definition.features.events), ...features },
    label: did === label.did,
  }));
  return { customers, next: await endOfPage(client, workspaceId, { after, limit }) };
}

/** Whoever never did a counted event did it no time. */
function uncounted(events: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    events.flatMap((name) => [
      [`count_30:${name}`, 0],
      [`count_90:${name}`, 0],
    ]),
  );
}

/** What it means that a customer of this prediction comes true. */
function labelOf({ kind, event, label }: PredictionDefinition): {
  readonly event: string;
  readonly did: boolean;
} {
  return label ?? { event: event.name, did: kind === 'propensity' };
}

/** A path as the operator #> takes it; null finds nothing. */
export function partsOf(path: string | undefined): string[] | null {
  return path?.split('.') ?? null;
}

/** Null where the page was the last one. */
export async function endOfPage(
  client: Queryable,
  workspaceId: string,
  { after, limit }: CustomerPage,
): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    `select customer_id as id from customer
      where workspace_id = $1 and merged_into is null and ($2::uuid is null or customer_id > $2)
      order by customer_id offset $3 limit 1`,
    [workspaceId, after, limit - 1],
  );
  return rows[0]?.id ?? null;
}
