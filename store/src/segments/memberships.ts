import type { Queryable } from '../shared/index.js';

export interface Membership {
  readonly segment: string;
  readonly version: number;
  readonly since: number;
}

export interface Member {
  readonly customerId: string;
  readonly since: number;
}

export async function readMemberships(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<Membership[]> {
  const found = await client.query<Membership>(
    `select segment_key as segment, version, since from segment_membership
      where workspace_id = $1 and customer_id = $2 order by segment_key`,
    [workspaceId, customerId],
  );
  return found.rows;
}

/** In the order of the index that finds them, so that any page costs the same. */
export async function listMembers(
  client: Queryable,
  workspaceId: string,
  page: { readonly segment: string; readonly after: string | null; readonly limit: number },
): Promise<Member[]> {
  const found = await client.query<Member>(
    `select customer_id as "customerId", since from segment_membership
      where workspace_id = $1 and segment_key = $2 and ($3::uuid is null or customer_id > $3)
      order by customer_id limit $4`,
    [workspaceId, page.segment, page.after, page.limit],
  );
  return found.rows;
}

export async function countMembers(
  client: Queryable,
  workspaceId: string,
  segment: string,
): Promise<{ readonly count: number; readonly asOf: number }> {
  const found = await client.query<{ count: number; asOf: number }>(
    `select count(*)::int as count, clock_timestamp() as "asOf" from segment_membership
      where workspace_id = $1 and segment_key = $2`,
    [workspaceId, segment],
  );
  return found.rows[0] ?? { count: 0, asOf: 0 };
}
