import type { Queryable } from '../shared/index.js';

/** How many messages a day a journey may be forecast to send before its publication has to be confirmed. */
const USUAL = 10_000;

export async function readPublishLimit(client: Queryable, workspaceId: string): Promise<number> {
  const { rows } = await client.query<{ messages: number }>(
    'select messages_per_day as messages from publish_limit where workspace_id = $1',
    [workspaceId],
  );
  return rows[0]?.messages ?? USUAL;
}

export async function putPublishLimit(
  client: Queryable,
  workspaceId: string,
  messagesPerDay: number,
): Promise<void> {
  await client.query(
    `insert into publish_limit (workspace_id, messages_per_day) values ($1, $2)
     on conflict (workspace_id) do update set messages_per_day = excluded.messages_per_day, updated_at = clock_timestamp()`,
    [workspaceId, messagesPerDay],
  );
}
