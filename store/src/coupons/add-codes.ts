import { createHash } from 'node:crypto';
import { newId, type Queryable } from '../shared/index.js';
import { noteStock } from './pools.js';

export interface NewCode {
  readonly code: string;
  readonly keyId: string;
  readonly sealed: Buffer;
}

/** Who a code is sealed for: one that is moved to another pool does not open there. No connection has such a key. */
export function couponOwner(pool: string): string {
  return `coupon/${pool}`;
}

/** Answers how many were new: a code is in a pool once, free or given away. */
export async function addCodes(
  client: Queryable,
  workspaceId: string,
  { pool, codes }: { readonly pool: string; readonly codes: readonly NewCode[] },
): Promise<number> {
  const { rowCount } = await client.query(
    `insert into coupon_code (workspace_id, pool_key, code_id, code_hash, key_id, sealed)
     select $1, $2, * from unnest($3::uuid[], $4::bytea[], $5::text[], $6::bytea[])
     on conflict (workspace_id, pool_key, code_hash) do nothing`,
    [
      workspaceId,
      pool,
      // Sorted, so that codes of one upload are given in its order.
      codes.map(() => newId()).sort(),
      codes.map(({ code }) => hashOf(workspaceId, pool, code)),
      codes.map(({ keyId }) => keyId),
      codes.map(({ sealed }) => sealed),
    ],
  );
  await noteStock(client, workspaceId, pool);
  return rowCount ?? 0;
}

function hashOf(workspaceId: string, pool: string, code: string): Buffer {
  return createHash('sha256').update(`${workspaceId}:${pool}:${code}`).digest();
}
