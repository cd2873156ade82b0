import type { Queryable } from '../shared/index.js';
import type { Sealed } from './secret-box.js';

export interface ConnectionHealth {
  readonly connectionKey: string;
  readonly state: 'ok' | 'needs_attention' | 'disabled';
  readonly code: string | null;
  readonly at: number;
}

export async function putConnectionSecret(
  client: Queryable,
  workspaceId: string,
  { connectionKey, sealed }: { readonly connectionKey: string; readonly sealed: Sealed },
): Promise<void> {
  await client.query(
    `insert into connection_secret (workspace_id, connection_key, key_id, sealed) values ($1, $2, $3, $4)
     on conflict (workspace_id, connection_key) do update
        set key_id = excluded.key_id, sealed = excluded.sealed, updated_at = clock_timestamp()`,
    [workspaceId, connectionKey, sealed.keyId, sealed.sealed],
  );
}

export async function readConnectionSecret(
  client: Queryable,
  workspaceId: string,
  connectionKey: string,
): Promise<Sealed | null> {
  const found = await client.query<{ keyId: string; sealed: Buffer }>(
    `select key_id as "keyId", sealed from connection_secret where workspace_id = $1 and connection_key = $2`,
    [workspaceId, connectionKey],
  );
  return found.rows[0] ?? null;
}

export async function deleteConnectionSecret(
  client: Queryable,
  workspaceId: string,
  connectionKey: string,
): Promise<void> {
  await client.query(
    `delete from connection_secret where workspace_id = $1 and connection_key = $2`,
    [workspaceId, connectionKey],
  );
}

export async function readConnectionHealth(
  client: Queryable,
  workspaceId: string,
  connectionKey: string,
): Promise<ConnectionHealth | null> {
  const found = await client.query<ConnectionHealth>(
    `select connection_key as "connectionKey", state, code, at from connection_health
      where workspace_id = $1 and connection_key = $2`,
    [workspaceId, connectionKey],
  );
  return found.rows[0] ?? null;
}

/** A new put or a passed check clears what an earlier send complained of. */
export async function putConnectionHealth(
  client: Queryable,
  workspaceId: string,
  health: Pick<ConnectionHealth, 'connectionKey' | 'state' | 'code'>,
): Promise<void> {
  await client.query(
    `insert into connection_health (workspace_id, connection_key, state, code) values ($1, $2, $3, $4)
     on conflict (workspace_id, connection_key) do update
        set state = excluded.state, code = excluded.code, at = clock_timestamp()`,
    [workspaceId, health.connectionKey, health.state, health.code],
  );
}
