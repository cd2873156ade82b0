import { addressHash } from '../destinations/hashes.js';
import type { Queryable } from '../shared/index.js';

/** One line of a suppression list: an address, or the hash of one where the list holds no addresses. */
export interface SuppressionLine {
  readonly channel: string;
  readonly address: string | null;
  /** hex of sha256 of channel:address, the address trimmed and in lower case */
  readonly addressHash: string | null;
  readonly reason: string;
}

/** Answers how many were new. An address that is suppressed already keeps its reason. */
export async function addSuppressions(
  client: Queryable,
  workspaceId: string,
  lines: readonly SuppressionLine[],
): Promise<number> {
  const rows = lines.map(({ channel, address, addressHash: hash, reason }) => ({
    channel,
    reason,
    hash: address === null ? hash : addressHash(channel, address).toString('hex'),
  }));
  const { rowCount } = await client.query(
    `insert into suppression (workspace_id, channel, address_hash, reason, at)
     select $1, r.channel, decode(r.hash, 'hex'), r.reason, clock_timestamp()
       from json_to_recordset($2::json) as r(channel text, hash text, reason text)
     on conflict do nothing`,
    [workspaceId, JSON.stringify(rows)],
  );
  return rowCount ?? 0;
}

/** False where the address was not suppressed. */
export async function removeSuppression(
  client: Queryable,
  workspaceId: string,
  { channel, addressHash: hash }: { readonly channel: string; readonly addressHash: string },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `delete from suppression where workspace_id = $1 and channel = $2 and address_hash = decode($3, 'hex')`,
    [workspaceId, channel, hash],
  );
  return rowCount === 1;
}
