import type { Queryable } from '../shared/index.js';

export interface IdentifierRow {
  readonly type: string;
  readonly value: string;
  readonly firstSeenAt: number;
}

export async function readIdentifiers(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<IdentifierRow[]> {
  const found = await client.query<IdentifierRow>(
    `select type, value, first_seen_at as "firstSeenAt" from identifier
      where workspace_id = $1 and customer_id = $2 order by type, value`,
    [workspaceId, customerId],
  );
  return found.rows;
}
