/** Somebody else's database, played by the test's own, and pulls that read from it. */
import type { JsonObject } from '@throughline/domain/shared';
import type { Engine } from './engine.js';

/** A definition as it is after its publishing. */
export async function live(
  engine: Engine,
  { kind, key, body, version = 1 }: LiveDefinition,
): Promise<void> {
  const values = [engine.workspaceId, kind, key, JSON.stringify(body), version];
  await engine.rows(
    `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, $2, $3, $4, $5, 'live')
     on conflict (workspace_id, kind, key) do update set body = excluded.body, live_version = excluded.live_version`,
    values,
  );
  await engine.rows(
    `insert into definition_version (workspace_id, kind, key, version, body, published_by) values ($1, $2, $3, $5, $4, 'test')`,
    values,
  );
}

export interface LiveDefinition {
  readonly kind: 'mapping' | 'pull';
  readonly key: string;
  readonly body: object;
  readonly version?: number;
}

export function sourceServer(engine: Engine) {
  const url = new URL(engine.kit.url);
  return {
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    ssl: 'disable' as const,
  };
}

export interface PullOfTable {
  /** the table's name, and the pull's */
  readonly key: string;
  readonly mapping: string;
  readonly columns: readonly string[];
  readonly more?: JsonObject;
}

/** A live pull of a table with the cursor `changed` and the primary key `id`, with the password it needs. */
export async function livePull(
  engine: Engine,
  { key, mapping, columns, more = {} }: PullOfTable,
): Promise<{ readonly workspaceId: string; readonly pullKey: string }> {
  const body = {
    key,
    mapping,
    connection: sourceServer(engine),
    table: key,
    columns,
    cursor: 'changed',
    primaryKey: 'id',
    pageSize: 20,
    overlapSeconds: 120,
    schedule: { everyMinutes: 60 },
    ...more,
  };
  await live(engine, { kind: 'pull', key, body });
  const { password } = new URL(engine.kit.url);
  await engine.rows(
    `insert into connection_secret (workspace_id, connection_key, key_id, sealed) values ($1, $2, 'k', $3)`,
    [engine.workspaceId, `pull.${key}`, Buffer.from(JSON.stringify({ password }))],
  );
  return { workspaceId: engine.workspaceId, pullKey: key };
}
