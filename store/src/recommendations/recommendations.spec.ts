import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { buildModel, recommendFor } from '@throughline/domain/recommendations';
import {
  ItemSchema,
  RecommendationSettingsSchema,
} from '@throughline/domain/recommendations/schemas';
import { identify, openLaneKit, track, type LaneKit } from '../ingestion/testing/lane-kit.js';
import { inWorkspace, newId, openPool, type Queryable } from '../shared/index.js';
import {
  askRefresh,
  buildRecommendations,
  cancelRefresh,
  deleteItem,
  listItems,
  publishRecommendations,
  putItems,
  putRecommendationSettings,
  readRecommendations,
  readRecommendationSettings,
  readRefresh,
} from './index.js';

/** Who bought what, order by order. */
const ORDERS: readonly (readonly [who: string, items: readonly unknown[]])[] = [
  ...['a', 'b', 'c', 'd'].map((who) => [who, ['tea', 'pot']] as const),
  ...['e', 'f', 'g'].map((who) => [who, ['tea', 'pot', 'cup']] as const),
  ...['h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'].map((who) => [who, ['bag']] as const),
  ['q', ['tea', 'tea', 7]],
  ['r', [7, 'lamp']],
  ['s', [7, 'lamp']],
];
const SETTINGS = RecommendationSettingsSchema.parse({ minSupport: 2, shrinkage: 1 });

describe('recommendations', () => {
  let kit: LaneKit;
  let app: pg.Pool;
  let engine: pg.Pool;

  beforeAll(async () => {
    kit = await openLaneKit();
    app = openPool({ url: kit.url, role: 'tl_app' });
    engine = openPool({ url: kit.url, role: 'tl_engine' });
    for (const [userId, items] of ORDERS) await order(userId, items);
    await kit.send(track('Order Completed', { userId: 't' }, { properties: { products: 'tea' } }));
    await kit.send(track('Order Completed', { userId: 't' }, { properties: {} }));
    await kit.send(
      track(
        'Order Completed',
        { userId: 't' },
        { properties: { products: [{ product_id: {} }, 3] } },
      ),
    );
    await kit.drain();
    const ids = ['tea', 'pot', 'cup', 'bag', '7', 'lamp'];
    const items = ids.map((id) => ItemSchema.parse({ id, name: `A ${id}`, price: 5 }));
    await as(app, (client, id) => putItems(client, id, items));
    await as(app, (client, id) => putRecommendationSettings(client, id, SETTINGS));
  });
  afterAll(async () => {
    await Promise.all([app.end(), engine.end()]);
    await kit.close();
  });

  const as = <T>(pool: pg.Pool, work: (client: Queryable, id: string) => Promise<T>): Promise<T> =>
    inWorkspace(pool, kit.workspaceId, (client) => work(client, kit.workspaceId));

  const order = (userId: string, items: readonly unknown[]): Promise<number> => {
    const products = items.map((product_id) => ({ product_id, quantity: 1 }));
    return kit.send(track('Order Completed', { userId }, { properties: { products } }));
  };

  async function refresh(now = Date.now() + 60_000): Promise<string> {
    const { settings } = (await as(app, readRecommendationSettings)) ?? { settings: SETTINGS };
    const { runId } = await as(app, (client, id) =>
      askRefresh(client, id, { settings, requestedBy: 'test' }),
    );
    await as(engine, (client, id) => buildRecommendations(client, id, { runId, now }));
    await as(engine, (client, id) => publishRecommendations(client, id, runId));
    return runId;
  }

  async function idOf(userId: string): Promise<string> {
    const [row] = await kit.rows<{ id: string }>(
      `select customer_id as id from identifier where type = 'user_id' and value = $1`,
      [userId],
    );
    return row?.id ?? '';
  }

  async function shown(userId: string, n = 3): Promise<string[]> {
    const customerId = await idOf(userId);
    const items = await as(app, (client, id) => readRecommendations(client, id, { customerId, n }));
    return items.map(({ id }) => id);
  }

  it('are none before a model was made', async () => {
    expect(await shown('q')).toEqual([]);
  });

  it('count in SQL what the domain counts in memory', async () => {
    const runId = await refresh();
    const model = buildModel(
      ORDERS.map(([, items]) => items.map(String)),
      SETTINGS,
    );
    const run = await as(app, (client, id) => readRefresh(client, id, runId));
    expect(run).toMatchObject({ state: 'done', baskets: model.baskets, items: model.items.size });
    const pairs = await kit.rows<{ item: string; other: string; both: number }>(
      `select item_id as item, other_id as other, both_baskets as both from recommendation_pair
        where run_id = $1 order by item_id, rank`,
      [runId],
    );
    const expected = [...model.related]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([item, kept]) => kept.map(({ itemId: other, both }) => ({ item, other, both })));
    expect(pairs).toEqual(expected);
    expect(pairs.length).toBeGreaterThan(2);
  });

  it('are for each person what the whole model would choose', async () => {
    await refresh();
    const model = buildModel(
      ORDERS.map(([, items]) => items.map(String)),
      SETTINGS,
    );
    for (const [who, items] of ORDERS) {
      const history = new Set(items.map(String));
      const wanted = recommendFor(history, model, { n: 3, exclude: history });
      const customerId = await idOf(who);
      const found = await as(app, (client, id) =>
        readRecommendations(client, id, { customerId, n: 3 }),
      );
      expect([
        who,
        found.map(({ id, score, because }) => ({ itemId: id, score, because })),
      ]).toEqual([who, wanted]);
    }
  });

  it('never show what was bought, unless it is bought again', async () => {
    await refresh();
    expect(await shown('q', 50)).not.toContain('tea');
    const again = ItemSchema.parse({ id: 'tea', name: 'Tea', repeatable: true });
    await as(app, (client, id) => putItems(client, id, [again]));
    expect(await shown('q', 50)).toContain('tea');
    const tea = ItemSchema.parse({ id: 'tea', name: 'Tea', category: 'food' });
    await as(app, (client, id) => putItems(client, id, [tea]));
    expect(await shown('q', 50)).not.toContain('tea');
    const food = { ...SETTINGS, repeatableCategories: ['food'] };
    await as(app, (client, id) => putRecommendationSettings(client, id, food));
    expect(await shown('q', 50)).toContain('tea');
    await as(app, (client, id) => putRecommendationSettings(client, id, SETTINGS));
  });

  it('never show what is not available, of an excluded category, or not in the catalogue', async () => {
    await refresh();
    expect((await shown('q'))[0]).toBe('pot');
    const pot = { id: 'pot', name: 'Pot' };
    const gone = ItemSchema.parse({ ...pot, available: false });
    await as(app, (client, id) => putItems(client, id, [gone]));
    expect(await shown('q', 50)).not.toContain('pot');
    await as(app, (client, id) =>
      putItems(client, id, [ItemSchema.parse({ ...pot, category: 'gifts' })]),
    );
    expect(await shown('q', 50)).toContain('pot');
    const settings = { ...SETTINGS, excludeCategories: ['gifts'] };
    await as(app, (client, id) => putRecommendationSettings(client, id, settings));
    expect(await shown('q', 50)).not.toContain('pot');
    await as(app, (client, id) => putRecommendationSettings(client, id, SETTINGS));
    expect(await as(app, (client, id) => deleteItem(client, id, 'pot'))).toBe(true);
    expect(await as(app, (client, id) => deleteItem(client, id, 'pot'))).toBe(false);
    expect(await shown('q', 50)).not.toContain('pot');
    await as(app, (client, id) => putItems(client, id, [ItemSchema.parse(pot)]));
  });

  it('know what was bought by whoever became the same person', async () => {
    await refresh();
    await kit.send(identify({ userId: 'merged-1' }, {}));
    await order('merged-2', ['tea']);
    await kit.drain();
    const [one, two] = [await idOf('merged-1'), await idOf('merged-2')];
    expect(await shown('merged-1', 1)).toEqual(['bag']);
    await kit.command({ kind: 'merge', customerIds: [one, two] });
    await kit.drain();
    for (const customerId of [one, two]) {
      const [best] = await as(app, (client, id) =>
        readRecommendations(client, id, { customerId, n: 1 }),
      );
      expect(best).toMatchObject({ id: 'pot', because: 'tea', name: 'Pot' });
    }
  });

  it('count a customer as one basket where that is wanted, and single events as items', async () => {
    await kit.send(track('Item Bought', { userId: 'solo' }, { properties: { sku: { id: 'x' } } }));
    await kit.send(track('Item Bought', { userId: 'solo' }, { properties: { sku: { id: 'y' } } }));
    await kit.send(track('Item Bought', { userId: 'other' }, { properties: { sku: { id: 'z' } } }));
    await kit.drain();
    const settings = {
      ...SETTINGS,
      event: 'Item Bought',
      itemsPath: null,
      itemIdPath: 'sku.id',
      basket: 'customer',
      minSupport: 1,
    } as const;
    await as(app, (client, id) => putRecommendationSettings(client, id, settings));
    const runId = await refresh();
    expect(await as(app, (client, id) => readRefresh(client, id, runId))).toMatchObject({
      baskets: 2,
      items: 3,
      pairs: 2,
    });
    await as(app, (client, id) => putRecommendationSettings(client, id, SETTINGS));
  });

  it('forget orders that have left the window', async () => {
    const later = Date.now() + (SETTINGS.windowDays + 1) * 86_400_000;
    const runId = await refresh(later);
    expect(await as(app, (client, id) => readRefresh(client, id, runId))).toMatchObject({
      baskets: 0,
      items: 0,
      pairs: 0,
    });
    expect(await shown('q')).toEqual([]);
  });

  it('change over at once, keep the model before, and clear those before it', async () => {
    const first = await refresh();
    const second = await refresh();
    const third = await refresh();
    const kept = await kit.rows<{ id: string }>(
      'select distinct run_id as id from recommendation_item order by 1',
    );
    expect(kept.map(({ id }) => id)).toEqual([second, third].sort());
    expect(kept.map(({ id }) => id)).not.toContain(first);
    expect((await as(app, readRecommendationSettings))?.liveRunId).toBe(third);
  });

  it('come from the old model while a new one is counted, and after one was cancelled', async () => {
    const live = await refresh();
    const { runId } = await as(app, (client, id) =>
      askRefresh(client, id, { settings: SETTINGS, requestedBy: 'test' }),
    );
    const build = { runId, now: Date.now() };
    await as(engine, (client, id) => buildRecommendations(client, id, build));
    // A worker that died after its commit counts again over its own rows.
    const again = await as(engine, (client, id) => buildRecommendations(client, id, build));
    expect(again).toMatchObject({ items: 6 });
    expect((await as(app, readRecommendationSettings))?.liveRunId).toBe(live);
    await as(engine, (client, id) => cancelRefresh(client, id, runId));
    await as(engine, (client, id) => publishRecommendations(client, id, runId));
    expect((await as(app, readRecommendationSettings))?.liveRunId).toBe(live);
    expect(await as(engine, (client, id) => buildRecommendations(client, id, build))).toBeNull();
  });

  it('are invisible to another workspace', async () => {
    const stranger = newId();
    const found = await inWorkspace(app, stranger, async (client) => ({
      items: await listItems(client, kit.workspaceId, { after: null, limit: 10 }),
      settings: await readRecommendationSettings(client, kit.workspaceId),
    }));
    expect(found).toEqual({ items: [], settings: null });
  });
});
