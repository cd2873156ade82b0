/**
 * People and their events put straight into the tables, as the lane would have left them: what recomputations and simulations
 * read. Everything follows from a person's number, so no seed has to be kept.
 */
import type pg from 'pg';

export interface PeopleOrder {
  readonly workspaceId: string;
  readonly people: number;
  /** ms since epoch: nothing happened later */
  readonly now: number;
  readonly days: number;
  /** received as it happened, over the days, instead of all at once: what looks at the clock wants that */
  readonly lived?: boolean;
}

/** Each person views a few times and orders now and then. */
const EVENTS_EACH = 5;
const DAY_MS = 86_400_000;

/**
 * Half are pro, of a hundred cities, a tenth never ordered. Every event of a person has a time of its own: views are at odd
 * milliseconds, orders at even ones.
 */
export async function putPeople(
  client: pg.ClientBase,
  { workspaceId, people, now, days, lived = false }: PeopleOrder,
): Promise<void> {
  if (lived) await client.query(pastPartitions(now, days));
  await client.query(
    `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, traits, applied_position)
     select $1::uuid, md5($1::uuid::text || n)::uuid, to_timestamp($3::float8 / 1000), n, 0, jsonb_build_object(
              'plan', ${trait(`case when n % 2 = 0 then 'pro' else 'free' end`)},
              'city', ${trait(`'City ' || n % 100`)},
              'email', ${trait(`'u' || n || '@example.com'`)},
              'spent', ${trait('n * 7919 % 1000')}), n
       from generate_series(1, $2::int) n`,
    [workspaceId, people, now],
  );
  await client.query(
    `insert into event (workspace_id, customer_id, position, ordinal, clock, event_time, message_id, type, name, source_key, body)
     select $1::uuid, md5($1::uuid::text || n)::uuid, row_number() over (order by time, n), k, to_timestamp(case when $5 then time else $3::bigint end / 1000.0),
            to_timestamp(time / 1000.0), n || '-' || k, 'track', case when is_view = 1 then 'Viewed' else 'Ordered' end, 'bench',
            jsonb_build_object('identifiers', '[]'::jsonb, 'traits', '{}'::jsonb, 'context', '{}'::jsonb,
              'properties', jsonb_build_object('total', n * 31 % 200, 'sku', 'SKU-' || n * k % 500))
       from generate_series(1, $2::int) n, generate_series(1, ${EVENTS_EACH}) k,
            lateral (select case when k <= 3 or n % 10 = 0 then 1 else 0 end as is_view,
                            $3::bigint - 2 - abs(hashint8(n * ${EVENTS_EACH} + k)::bigint) % ($4::bigint * ${DAY_MS} - 4) as at) drawn,
            lateral (select at - at % 2 + is_view as time) stamped`,
    [workspaceId, people, now, days, lived],
  );
  await client.query('vacuum analyze customer');
  await client.query('vacuum analyze event');
}

/** The product makes partitions for the days to come; nothing is ever received in the past. */
function pastPartitions(now: number, days: number): string {
  const midnight = now - (now % DAY_MS);
  return Array.from({ length: days + 1 }, (_, ago) => {
    const [from = '', to = ''] = [ago, ago - 1].map((each) =>
      new Date(midnight - each * DAY_MS).toISOString().slice(0, 10),
    );
    return `create table if not exists event_${from.replaceAll('-', '')} partition of event
      for values from ('${from} 00:00:00+00') to ('${to} 00:00:00+00');`;
  }).join('\n');
}

/** The lane of people who were put there has come to the last of what happened to them. */
export async function putLane(
  client: pg.ClientBase,
  { workspaceId, people, now }: PeopleOrder,
): Promise<void> {
  await client.query(
    `with appended as (
       update lane_append set position = $2, clock = to_timestamp($3::float8 / 1000) where workspace_id = $1)
     update lane set position = $2, clock = to_timestamp($3::float8 / 1000) where workspace_id = $1`,
    [workspaceId, people * EVENTS_EACH, now],
  );
}

function trait(value: string): string {
  return `jsonb_build_object('v', ${value}, 't', 0, 'p', 1, 'o', 0, 's', 'bench')`;
}

/** Members of a segment that conditions may refer to: every seventh. */
export async function putMembers(
  client: pg.ClientBase,
  { workspaceId, people }: Pick<PeopleOrder, 'workspaceId' | 'people'>,
  segment: string,
): Promise<void> {
  await client.query(
    `insert into segment_membership (workspace_id, customer_id, segment_key, version, since, position, ordinal)
     select $1::uuid, md5($1::uuid::text || n)::uuid, $3, 1, now(), 1, 0 from generate_series(1, $2::int) n where n % 7 = 0`,
    [workspaceId, people, segment],
  );
  await client.query('vacuum analyze segment_membership');
}
