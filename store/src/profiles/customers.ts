import type { Traits } from '@throughline/domain/profiles';
import type { Queryable } from '../shared/index.js';

export interface CustomerRow {
  readonly customerId: string;
  readonly createdAt: number;
  readonly traits: Traits;
  readonly facts: Readonly<Record<string, number>>;
  readonly appliedPosition: number;
  readonly absorbed: readonly string[];
}

export interface CustomerSummary {
  readonly customerId: string;
  readonly createdAt: number;
}

/** The customer, or the survivor of the merge that took it in: old ids in links and mails go on working. */
export async function readCustomer(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<CustomerRow | null> {
  const found = await client.query<CustomerRow>(
    `select c.customer_id as "customerId", c.created_at as "createdAt", c.traits, c.facts,
            c.applied_position as "appliedPosition",
            array(select a.customer_id::text from customer a
                   where a.workspace_id = c.workspace_id and a.merged_into = c.customer_id
                   order by a.customer_id) as absorbed
       from customer asked
       join customer c on c.workspace_id = asked.workspace_id
        and c.customer_id = coalesce(asked.merged_into, asked.customer_id)
      where asked.workspace_id = $1 and asked.customer_id = $2`,
    [workspaceId, customerId],
  );
  return found.rows[0] ?? null;
}

/** By an identifier whose value is already normalised for its type. */
export async function findCustomer(
  client: Queryable,
  workspaceId: string,
  identifier: { readonly type: string; readonly value: string },
): Promise<string | null> {
  const found = await client.query<{ customerId: string }>(
    `select coalesce(c.merged_into, c.customer_id) as "customerId"
       from identifier i join customer c using (workspace_id, customer_id)
      where i.workspace_id = $1 and i.type = $2 and i.value = $3`,
    [workspaceId, identifier.type, identifier.value],
  );
  return found.rows[0]?.customerId ?? null;
}

/** Everyone, newest first; absorbed customers are not people of their own. */
export async function listCustomers(
  client: Queryable,
  workspaceId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<CustomerSummary[]> {
  const found = await client.query<CustomerSummary>(
    `select customer_id as "customerId", created_at as "createdAt" from customer
      where workspace_id = $1 and merged_into is null and ($2::uuid is null or customer_id < $2)
      order by customer_id desc limit $3`,
    [workspaceId, page.after, page.limit],
  );
  return found.rows;
}
