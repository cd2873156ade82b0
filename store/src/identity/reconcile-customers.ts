import type { Queryable } from '../shared/index.js';

/** A customer as linkage sees them: scalar traits, and the first identifier of each type. */
export interface ComparedCustomer {
  readonly customerId: string;
  /** { name: { v } } as stored */
  readonly traits: Readonly<Record<string, { readonly v?: unknown }>>;
  /** { type: value }, the one seen first; what only browsers and systems know is left out */
  readonly identifiers: Readonly<Record<string, string>>;
}

/** A page in the order of ids, by the primary key; whoever has become another is not there. */
export async function readComparedCustomers(
  client: Queryable,
  workspaceId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<ComparedCustomer[]> {
  const { rows } = await client.query<ComparedCustomer>(
    `select c.customer_id as "customerId", c.traits, coalesce(i.identifiers, '{}') as identifiers
       from (select customer_id, traits from customer
              where workspace_id = $1 and merged_into is null and ($2::uuid is null or customer_id > $2)
              order by customer_id limit $3) c
       left join lateral (
         select jsonb_object_agg(type, value) as identifiers
           from (select distinct on (type) type, value from identifier
                  where workspace_id = $1 and customer_id = c.customer_id and type not in ('user_id', 'anonymous_id')
                  order by type, first_seen_at, value) one) i on true
      order by c.customer_id`,
    [workspaceId, page.after, page.limit],
  );
  return rows;
}

export type Pair = readonly [left: string, right: string];

/** Who has been declared to be two, by whom they are now; an unmerge declares it too. */
export async function readDifferences(client: Queryable, workspaceId: string): Promise<Pair[]> {
  const { rows } = await client.query<{ left: string; right: string }>(
    `select distinct coalesce(l.merged_into, l.customer_id) as "left", coalesce(r.merged_into, r.customer_id) as "right"
       from (select left_id, right_id from identity_difference where workspace_id = $1
             union select survivor_id, absorbed_id from customer_merge
                    where workspace_id = $1 and undone_position is not null) d
       join customer l on l.workspace_id = $1 and l.customer_id = d.left_id
       join customer r on r.workspace_id = $1 and r.customer_id = d.right_id`,
    [workspaceId],
  );
  return rows.filter(({ left, right }) => left !== right).map(({ left, right }) => [left, right]);
}
