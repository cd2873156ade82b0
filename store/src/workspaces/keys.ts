import type pg from 'pg';
import { ThroughlineError } from '@throughline/domain/shared';
import { inWorkspace, newId, type Queryable } from '../shared/index.js';
import { hashKey, isScope, keyPrefix, makeKey, needsSource, type Scope } from './api-key.js';

export interface ApiKey {
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly sourceKey: string | null;
  readonly prefix: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** The plain key leaves once, at its making; only its hash is kept. */
export interface IssuedKey extends ApiKey {
  readonly key: string;
}

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** write keys name the source whose events they carry; made if it does not exist */
  readonly sourceKey?: string | null;
  readonly expiresAt?: number | null;
}

/** What a door must know of the key in its hand. */
export interface KeyHolder {
  readonly workspaceId: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  readonly sourceKey: string | null;
  readonly sourcePaused: boolean;
  /** ms since epoch: expiry or revocation, whichever comes first */
  readonly validUntil: number;
}

const COLUMNS = `key_id as "keyId", name, scopes, source_key as "sourceKey", prefix, created_at as "createdAt",
  expires_at as "expiresAt", revoked_at as "revokedAt"`;

/** For the first run and tests; the API issues keys inside its own transaction by `issueKey`. */
export async function createKey(
  pool: pg.Pool,
  workspaceId: string,
  key: NewKey,
): Promise<IssuedKey> {
  return inWorkspace(pool, workspaceId, (client) => issueKey(client, workspaceId, key));
}

export async function issueKey(
  client: Queryable,
  workspaceId: string,
  wanted: NewKey,
): Promise<IssuedKey> {
  const key = makeKey(wanted.scopes);
  const sourceKey = wanted.sourceKey ?? null;
  const published = needsSource(wanted.scopes);
  if (published !== undefined && sourceKey === null) {
    throw new ThroughlineError(
      'invalid_request',
      `A key with the scope ${published} names its source.`,
    );
  }
  if (sourceKey !== null) {
    await client.query(
      `insert into source (workspace_id, source_key, name) values ($1, $2, $2) on conflict do nothing`,
      [workspaceId, sourceKey],
    );
  }
  const made = await client.query<ApiKey>(
    `insert into api_key (workspace_id, key_id, name, scopes, source_key, prefix, hash, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::double precision / 1000)) returning ${COLUMNS}`,
    [
      workspaceId,
      newId(),
      wanted.name,
      wanted.scopes,
      sourceKey,
      keyPrefix(key),
      hashKey(key),
      wanted.expiresAt ?? null,
    ],
  );
  const row = made.rows[0];
  if (row === undefined) throw new ThroughlineError('internal', 'The key was not stored.');
  return { ...row, key };
}

export async function listKeys(
  client: Queryable,
  workspaceId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<ApiKey[]> {
  const found = await client.query<ApiKey>(
    `select ${COLUMNS} from api_key where workspace_id = $1 and ($2::uuid is null or key_id > $2)
      order by key_id limit $3`,
    [workspaceId, page.after, page.limit],
  );
  return found.rows;
}

export async function readKey(
  client: Queryable,
  workspaceId: string,
  keyId: string,
): Promise<ApiKey | null> {
  const found = await client.query<ApiKey>(
    `select ${COLUMNS} from api_key where workspace_id = $1 and key_id = $2`,
    [workspaceId, keyId],
  );
  return found.rows[0] ?? null;
}

/** Every process notices within its cache's few seconds (docs/operations). */
export async function revokeKey(
  client: Queryable,
  workspaceId: string,
  keyId: string,
): Promise<ApiKey | null> {
  const done = await client.query<ApiKey>(
    `update api_key set revoked_at = least(revoked_at, clock_timestamp())
      where workspace_id = $1 and key_id = $2 returning ${COLUMNS}`,
    [workspaceId, keyId],
  );
  return done.rows[0] ?? null;
}

/** A successor with the same rights; the old key goes on for `overlapMs`, so that senders can change over. */
export async function rotateKey(
  client: Queryable,
  workspaceId: string,
  { keyId, overlapMs }: { readonly keyId: string; readonly overlapMs: number },
): Promise<IssuedKey | null> {
  const old = await client.query<ApiKey & { open: boolean }>(
    `select ${COLUMNS}, coalesce(least(expires_at, revoked_at) > clock_timestamp(), true) as open
       from api_key where workspace_id = $1 and key_id = $2 for update`,
    [workspaceId, keyId],
  );
  const row = old.rows[0];
  if (row === undefined) return null;
  if (!row.open) throw new ThroughlineError('conflict', 'This key has expired or been revoked.');
  await client.query(
    `update api_key
        set revoked_at = least(revoked_at, clock_timestamp() + make_interval(secs => $3::double precision / 1000))
      where workspace_id = $1 and key_id = $2`,
    [workspaceId, keyId, overlapMs],
  );
  return issueKey(client, workspaceId, {
    name: row.name,
    scopes: row.scopes.filter(isScope),
    sourceKey: row.sourceKey,
    expiresAt: row.expiresAt,
  });
}

/** Whose key is this? Across workspaces, so the pool runs as tl_ingest. */
export async function lookUpKey(door: Queryable, hash: Buffer): Promise<KeyHolder | null> {
  const found = await door.query<{
    workspaceId: string;
    keyId: string;
    scopes: string[];
    sourceKey: string | null;
    sourcePaused: boolean;
    validUntil: number | null;
  }>({
    name: 'look-up-key',
    text: `select k.workspace_id as "workspaceId", k.key_id as "keyId", k.scopes, k.source_key as "sourceKey",
                  coalesce(s.state = 'paused', false) as "sourcePaused", least(k.expires_at, k.revoked_at) as "validUntil"
             from api_key k left join source s on s.workspace_id = k.workspace_id and s.source_key = k.source_key
            where k.hash = $1`,
    values: [hash],
  });
  const row = found.rows[0];
  if (row === undefined) return null;
  return {
    ...row,
    scopes: row.scopes.filter(isScope),
    validUntil: row.validUntil ?? Number.POSITIVE_INFINITY,
  };
}
