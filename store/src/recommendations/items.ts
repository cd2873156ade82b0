/** The catalogue of items: what can be recommended, and how it is shown. */
import type { Item } from '@throughline/domain/recommendations/schemas';
import type { Queryable } from '../shared/index.js';

export interface ItemRow extends Item {
  readonly updatedAt: number;
}

const COLUMNS = `item_id as id, name, url, image, price, currency, category, available, repeatable, updated_at as "updatedAt"`;

/** Each item whole: what is left out of one is gone from it. */
export async function putItems(
  client: Queryable,
  workspaceId: string,
  items: readonly Item[],
): Promise<number> {
  const done = await client.query(
    `insert into item (workspace_id, item_id, name, url, image, price, currency, category, available, repeatable)
     select $1, id, name, url, image, price, currency, category, available, repeatable
       from jsonb_to_recordset($2::jsonb) as i(id text, name text, url text, image text, price float8, currency text,
                                               category text, available boolean, repeatable boolean)
      order by id
     on conflict (workspace_id, item_id) do update
        set name = excluded.name, url = excluded.url, image = excluded.image, price = excluded.price, currency = excluded.currency,
            category = excluded.category, available = excluded.available, repeatable = excluded.repeatable,
            updated_at = clock_timestamp()`,
    [workspaceId, JSON.stringify(items)],
  );
  return done.rowCount ?? 0;
}

export async function listItems(
  client: Queryable,
  workspaceId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<ItemRow[]> {
  const { rows } = await client.query<ItemRow>(
    `select ${COLUMNS} from item where workspace_id = $1 and ($2::text is null or item_id > $2) order by item_id limit $3`,
    [workspaceId, page.after, page.limit],
  );
  return rows;
}

/** False where there was none. */
export async function deleteItem(
  client: Queryable,
  workspaceId: string,
  itemId: string,
): Promise<boolean> {
  const done = await client.query('delete from item where workspace_id = $1 and item_id = $2', [
    workspaceId,
    itemId,
  ]);
  return done.rowCount === 1;
}
