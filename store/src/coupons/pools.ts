import type { Queryable } from '../shared/index.js';

export interface CouponPool {
  readonly key: string;
  readonly name: string;
  readonly lowStock: number;
  readonly lowSince: number | null;
  readonly free: number;
  readonly assigned: number;
}

const READ = `
  select p.pool_key as key, p.name, p.low_stock as "lowStock", p.low_since as "lowSince", n.free, n.assigned
    from coupon_pool p,
         lateral (select count(*) filter (where c.delivery_key is null) as free,
                         count(*) filter (where c.delivery_key is not null) as assigned
                    from coupon_code c where c.workspace_id = p.workspace_id and c.pool_key = p.pool_key) n
   where p.workspace_id = $1`;

export async function readPool(
  client: Queryable,
  workspaceId: string,
  key: string,
): Promise<CouponPool | null> {
  const { rows } = await client.query<CouponPool>(`${READ} and p.pool_key = $2`, [
    workspaceId,
    key,
  ]);
  return rows[0] ?? null;
}

interface PoolPage {
  /** only those that run low */
  readonly low: boolean;
  readonly after: string | null;
  readonly limit: number;
}

export async function listPools(
  client: Queryable,
  workspaceId: string,
  { low, after, limit }: PoolPage,
): Promise<readonly CouponPool[]> {
  const { rows } = await client.query<CouponPool>(
    `${READ} and ($2::text is null or p.pool_key > $2) and (not $3 or p.low_since is not null)
      order by p.pool_key limit $4`,
    [workspaceId, after, low, limit],
  );
  return rows;
}

/** Made, or changed: its codes stay. */
export async function putPool(
  client: Queryable,
  workspaceId: string,
  put: { readonly key: string; readonly name: string; readonly lowStock: number },
): Promise<{ readonly created: boolean }> {
  const { rows } = await client.query<{ created: boolean }>(
    `insert into coupon_pool (workspace_id, pool_key, name, low_stock) values ($1, $2, $3, $4)
     on conflict (workspace_id, pool_key) do update
        set name = excluded.name, low_stock = excluded.low_stock, updated_at = clock_timestamp()
     returning (xmax = 0) as created`,
    [workspaceId, put.key, put.name, put.lowStock],
  );
  await noteStock(client, workspaceId, put.key);
  return { created: rows[0]?.created === true };
}

/** Whether it runs low, as it is now. Counts no further than it must: a pool may hold a million. */
export async function noteStock(
  client: Queryable,
  workspaceId: string,
  key: string,
): Promise<{ readonly ranLow: boolean }> {
  const { rows } = await client.query<{ low: boolean }>(
    `with stock as (
       select p.low_stock > 0 and (
                select count(*) from (
                  select from coupon_code c where c.workspace_id = $1 and c.pool_key = $2 and c.delivery_key is null
                   limit p.low_stock + 1) few) <= p.low_stock as low
         from coupon_pool p where p.workspace_id = $1 and p.pool_key = $2)
     update coupon_pool p set low_since = case when s.low then clock_timestamp() end
       from stock s
      where p.workspace_id = $1 and p.pool_key = $2 and s.low <> (p.low_since is not null)
     returning s.low as low`,
    [workspaceId, key],
  );
  return { ranLow: rows[0]?.low === true };
}
