/** What one person may like, by the model that answers now. */
import { recommendFor } from '@throughline/domain/recommendations';
import type { RecommendationSettings } from '@throughline/domain/recommendations/schemas';
import type { Queryable } from '../shared/index.js';
import { linesSql, pathOf } from './lines.js';
import { readRecommendationSettings } from './settings.js';

export interface RecommendedItem {
  readonly id: string;
  readonly name: string;
  readonly url: string | null;
  readonly image: string | null;
  readonly price: number | null;
  readonly currency: string | null;
  readonly category: string | null;
  readonly score: number;
  /** the item they bought that speaks for it most; null: it is popular */
  readonly because: string | null;
}

export interface RecommendationsWanted {
  readonly customerId: string;
  readonly n: number;
}

/** Purchases that speak; what was bought before them still is not shown again. */
const MOST_SPEAKING = 200;

/** Empty where the workspace has no model yet, or nothing in its catalogue is left to show. */
export async function readRecommendations(
  client: Queryable,
  workspaceId: string,
  { customerId, n }: RecommendationsWanted,
): Promise<RecommendedItem[]> {
  const stored = await readRecommendationSettings(client, workspaceId);
  if (stored?.liveRunId == null) return [];
  const { settings, liveRunId: runId } = stored;
  const bought = await boughtBy(client, workspaceId, { customerId, settings });
  const speaking = bought.slice(0, MOST_SPEAKING);
  const { rows } = await client.query<CandidateRow>(CANDIDATES, [
    workspaceId,
    runId,
    speaking,
    bought,
    settings.excludeCategories,
    settings.repeatableCategories,
    n,
  ]);
  const [first] = rows;
  return first === undefined ? [] : chosen(rows, { speaking, n, settings, baskets: first.total });
}

interface CandidateRow {
  readonly id: string;
  readonly name: string;
  readonly url: string | null;
  readonly image: string | null;
  readonly price: number | null;
  readonly currency: string | null;
  readonly category: string | null;
  readonly baskets: number;
  readonly total: number;
  readonly related: readonly {
    readonly item: string;
    readonly both: number;
    readonly baskets: number;
  }[];
}

interface Choice {
  readonly speaking: readonly string[];
  readonly n: number;
  readonly settings: RecommendationSettings;
  readonly baskets: number;
}

/** The rows are as much of the model as this person's history touches; the choice is domain/recommendations'. */
function chosen(
  rows: readonly CandidateRow[],
  { speaking, n, settings, baskets }: Choice,
): RecommendedItem[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const items = new Map(rows.map(({ id, baskets: count }) => [id, count]));
  const related = new Map<string, { itemId: string; both: number }[]>();
  const exclude = new Set<string>();
  for (const row of rows)
    for (const { item, both, baskets: count } of row.related) {
      if (!byId.has(item)) exclude.add(item);
      items.set(item, count);
      related.set(item, [...(related.get(item) ?? []), { itemId: row.id, both }]);
    }
  const model = { baskets, items, related, shrinkage: settings.shrinkage };
  return recommendFor(speaking, model, { n, exclude }).flatMap(({ itemId, score, because }) => {
    const row = byId.get(itemId);
    if (row === undefined) return [];
    const { id, name, url, image, price, currency, category } = row;
    return [{ id, name, url, image, price, currency, category, score, because }];
  });
}

/** Latest first, each once; of whoever they have become one with as well. */
async function boughtBy(
  client: Queryable,
  workspaceId: string,
  {
    customerId,
    settings: { event, itemsPath, itemIdPath },
  }: { readonly customerId: string; readonly settings: RecommendationSettings },
): Promise<string[]> {
  const { rows } = await client.query<{ itemId: string }>(
    `select l.item_id as "itemId" from (${linesSql(OF_PERSON)}) l
      group by l.item_id order by max(l.position) desc, l.item_id`,
    [
      workspaceId,
      event,
      itemsPath === null ? null : pathOf(itemsPath),
      pathOf(itemIdPath),
      customerId,
    ],
  );
  return rows.map(({ itemId }) => itemId);
}

const OF_PERSON = `and e.customer_id in (
  select other.customer_id from customer asked
    join customer self on self.workspace_id = $1 and self.customer_id = coalesce(asked.merged_into, asked.customer_id)
    join customer other on other.workspace_id = $1 and (other.customer_id = self.customer_id or other.merged_into = self.customer_id)
   where asked.workspace_id = $1 and asked.customer_id = $5)`;

/** What the catalogue lets be shown to somebody who has bought $4: $5 are categories never shown, $6 those shown again. */
const SHOWN = `i.available
  and (i.category is null or i.category <> all($5::text[]))
  and (i.item_id <> all($4::text[]) or i.repeatable or coalesce(i.category = any($6::text[]), false))`;

/** $3 what speaks, $7 how many. The relatives of what was bought, and what is popular to fill up with. */
const CANDIDATES = `
  with near as (
    select p.other_id as item_id,
           jsonb_agg(jsonb_build_object('item', p.item_id, 'both', p.both_baskets, 'baskets', m.baskets)) as related
      from recommendation_pair p
      join recommendation_item m on m.workspace_id = $1 and m.run_id = $2 and m.item_id = p.item_id
     where p.workspace_id = $1 and p.run_id = $2 and p.item_id = any($3::text[])
     group by p.other_id),
  candidate as (
    select item_id from near
    union
    (select m.item_id
       from recommendation_item m join item i on i.workspace_id = $1 and i.item_id = m.item_id
      where m.workspace_id = $1 and m.run_id = $2 and ${SHOWN}
      order by m.baskets desc, m.item_id limit $7))
  select i.item_id as id, i.name, i.url, i.image, i.price, i.currency, i.category, m.baskets,
         r.baskets as total, coalesce(n.related, '[]') as related
    from candidate c
    join item i on i.workspace_id = $1 and i.item_id = c.item_id
    join recommendation_item m on m.workspace_id = $1 and m.run_id = $2 and m.item_id = c.item_id
    left join near n on n.item_id = c.item_id
    join recommendation_run r on r.workspace_id = $1 and r.run_id = $2
   where ${SHOWN}`;
