/** Sources that are called by others: which source an address belongs to, and how its calls are told from a stranger's. */
import type { JsonObject } from '@throughline/domain/shared';
import { randomUUID } from 'node:crypto';
import type { Queryable } from '../shared/index.js';

export interface SourceHook {
  readonly workspaceId: string;
  readonly sourceKey: string;
  readonly hookId: string;
  readonly settings: JsonObject;
}

const COLUMNS = `h.workspace_id as "workspaceId", h.source_key as "sourceKey", h.hook_id as "hookId", h.settings`;

/** The address stays when the settings change. Random, not time-ordered: it is half of what keeps strangers out. */
export async function putHook(
  client: Queryable,
  workspaceId: string,
  { sourceKey, settings }: { readonly sourceKey: string; readonly settings: JsonObject },
): Promise<SourceHook | null> {
  const done = await client.query<SourceHook>(
    `insert into source_hook as h (workspace_id, source_key, hook_id, settings) values ($1, $2, $3, $4)
     on conflict (workspace_id, source_key) do update set settings = excluded.settings returning ${COLUMNS}`,
    [workspaceId, sourceKey, randomUUID(), JSON.stringify(settings)],
  );
  return done.rows[0] ?? null;
}

export async function readHook(
  client: Queryable,
  workspaceId: string,
  sourceKey: string,
): Promise<SourceHook | null> {
  const found = await client.query<SourceHook>(
    `select ${COLUMNS} from source_hook h where h.workspace_id = $1 and h.source_key = $2`,
    [workspaceId, sourceKey],
  );
  return found.rows[0] ?? null;
}

/** For the door, which does not know the workspace yet. */
export async function findHook(
  client: Queryable,
  hookId: string,
): Promise<(SourceHook & { readonly paused: boolean }) | null> {
  const found = await client.query<SourceHook & { paused: boolean }>(
    `select ${COLUMNS}, s.state = 'paused' as paused from source_hook h join source s using (workspace_id, source_key)
      where h.hook_id = $1`,
    [hookId],
  );
  return found.rows[0] ?? null;
}

/** The name under which the secret of a hook is kept, among those of connections. */
export function hookSecretKey(sourceKey: string): string {
  return `hook.${sourceKey}`;
}
