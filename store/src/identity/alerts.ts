import type { Queryable } from '../shared/index.js';

/** Something about identity that a person should look at. */
export interface AlertRow {
  readonly kind: 'hub' | 'identifiers' | 'merges';
  /** the identifier as type:value, or the customer whose profile is full */
  readonly subject: string;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly lastPosition: number;
}

/** Newest first; `after` is the last of the page before. */
export async function listAlerts(
  client: Queryable,
  workspaceId: string,
  { after, limit }: { readonly after: readonly [number, string] | null; readonly limit: number },
): Promise<AlertRow[]> {
  const [position, subject] = after ?? [null, null];
  const { rows } = await client.query<AlertRow>(
    `select kind, subject, count, first_at as "firstAt", last_at as "lastAt", last_position as "lastPosition" from identity_alert
      where workspace_id = $1 and ($2::bigint is null or (last_position, kind || '/' || subject) < ($2, $3))
      order by last_position desc, kind || '/' || subject desc limit $4`,
    [workspaceId, position, subject, limit],
  );
  return rows;
}
