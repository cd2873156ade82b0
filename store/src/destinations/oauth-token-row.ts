/** The row that keeps a connection's access token, sealed like its secrets, and says who is asking for the next one. */
import type { JsonObject } from '@throughline/domain/shared';
import type { Pool } from 'pg';
import type { Queryable } from '../shared/index.js';
import { secretOwner, type SecretBox } from '../workspaces/index.js';

export interface TokenPlace {
  readonly pool: Pool;
  readonly box: Pick<SecretBox, 'seal' | 'open'>;
  readonly workspaceId: string;
  readonly connectionKey: string;
  readonly now: () => number;
}

export interface KeptToken {
  readonly token: string;
  /** ms since epoch */
  readonly expiresAt: number;
  readonly refreshToken?: string | undefined;
}

/** Longer than a vendor may take to answer; a holder that is later than that has died. */
const LEASE_SECONDS = 15;

interface Row {
  readonly keyId: string | null;
  readonly sealed: Buffer | null;
  readonly expiresAt: number | null;
  readonly leased: boolean;
}

/** What is kept for this grant, and whether somebody is asking; the row stays locked to the end of the transaction. */
export async function readToken(
  client: Queryable,
  place: TokenPlace,
  grantId: string,
): Promise<{ kept: KeptToken | undefined; leased: boolean }> {
  const key = [place.workspaceId, place.connectionKey];
  await client.query(
    `insert into connection_token (workspace_id, connection_key) values ($1, $2) on conflict do nothing`,
    key,
  );
  const { rows } = await client.query<Row>(
    `select key_id as "keyId", sealed, expires_at as "expiresAt",
            coalesce(leased_until > clock_timestamp(), false) as leased
       from connection_token where workspace_id = $1 and connection_key = $2 for update`,
    key,
  );
  const [row] = rows;
  if (row === undefined) return { kept: undefined, leased: false };
  return { kept: keptIn(row, place, grantId), leased: row.leased };
}

export async function takeLease(
  client: Queryable,
  { workspaceId, connectionKey }: TokenPlace,
  lease: string,
): Promise<void> {
  await client.query(
    `update connection_token set lease = $3, leased_until = clock_timestamp() + make_interval(secs => $4)
      where workspace_id = $1 and connection_key = $2`,
    [workspaceId, connectionKey, lease, LEASE_SECONDS],
  );
}

/** Of a lease that has run out and gone to somebody else nothing is taken away. */
export async function dropLease(
  client: Queryable,
  { workspaceId, connectionKey }: TokenPlace,
  lease: string,
): Promise<void> {
  await client.query(
    `update connection_token set lease = null, leased_until = null
      where workspace_id = $1 and connection_key = $2 and lease = $3`,
    [workspaceId, connectionKey, lease],
  );
}

/** Whoever has lost the lease has a token that may be older than what the next holder brought: it is used once, and not kept. */
export async function keepToken(
  client: Queryable,
  place: TokenPlace,
  { lease, grantId, token }: { lease: string; grantId: string; token: KeptToken },
): Promise<void> {
  const { refreshToken } = token;
  const text = { token: token.token, grantId, ...(refreshToken ? { refreshToken } : {}) };
  const { keyId, sealed } = place.box.seal(text, ownerOf(place));
  await client.query(
    `update connection_token set key_id = $4, sealed = $5, expires_at = to_timestamp($6::float8 / 1000)
      where workspace_id = $1 and connection_key = $2 and lease = $3`,
    [place.workspaceId, place.connectionKey, lease, keyId, sealed, token.expiresAt],
  );
}

function keptIn(row: Row, place: TokenPlace, grantId: string): KeptToken | undefined {
  const { keyId, sealed, expiresAt } = row;
  if (keyId === null || sealed === null || expiresAt === null) return undefined;
  const text = opened(place, { keyId, sealed });
  const token = text['token'];
  const refreshToken = text['refreshToken'];
  if (text['grantId'] !== grantId || typeof token !== 'string') return undefined;
  return { token, expiresAt, ...(typeof refreshToken === 'string' ? { refreshToken } : {}) };
}

/** A token sealed under a key that is configured no more is no loss: the vendor gives out another. */
function opened(place: TokenPlace, sealed: { keyId: string; sealed: Buffer }): JsonObject {
  try {
    return place.box.open(sealed, ownerOf(place));
  } catch {
    return {};
  }
}

/** Another than that of the connection's secrets, so that neither opens in the other's place. */
function ownerOf({ workspaceId, connectionKey }: TokenPlace): string {
  return `${secretOwner(workspaceId, connectionKey)}:token`;
}
