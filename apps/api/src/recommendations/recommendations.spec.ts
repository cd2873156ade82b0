import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { template } from '../testing/definitions.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';
import {
  ItemView,
  RecommendationRunView,
  RecommendationSettingsView,
  RecommendationsView,
} from './views.js';

const KETTLE = { id: 'kettle', name: 'Kettle', url: 'https://shop.example/kettle', price: 30 };

describe('recommendations', () => {
  let bench: Bench;
  let ada: Seeded;

  beforeAll(async () => {
    bench = await openBench();
    ada = await seedCustomer(bench.sql, bench.shop.id);
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });
  const putItems = (...items: readonly object[]) => call('PUT', 'items', { items });

  /** Everybody buys kettles, and whoever has the pot buys tea. */
  async function seedModel(): Promise<void> {
    const run = newId();
    const values = [bench.shop.id, run];
    await bench.sql.query(
      `insert into recommendation_run (workspace_id, run_id, state, requested_by, baskets) values ($1, $2, 'done', 'test', 20)`,
      values,
    );
    await bench.sql.query(
      `insert into recommendation_item (workspace_id, run_id, item_id, baskets)
       values ($1, $2, 'kettle', 9), ($1, $2, 'pot', 6), ($1, $2, 'tea', 7)`,
      values,
    );
    await bench.sql.query(
      `insert into recommendation_pair (workspace_id, run_id, item_id, rank, other_id, both_baskets)
       values ($1, $2, 'pot', 1, 'tea', 6), ($1, $2, 'tea', 1, 'pot', 6)`,
      values,
    );
    await bench.sql.query(
      'update recommendation_setting set live_run_id = $2 where workspace_id = $1',
      values,
    );
    const body = JSON.stringify({ properties: { products: [{ product_id: 'pot' }] } });
    await bench.sql.query(
      `insert into event (workspace_id, customer_id, position, ordinal, clock, event_time, message_id, type, name, source_key, body)
       values ($1, $2, 90, 0, now(), now(), 'm-90', 'track', 'Order Completed', 'web', $3)`,
      [bench.shop.id, ada.absorbed, body],
    );
  }

  describe('their settings', () => {
    it('are what would hold, until they are put', async () => {
      const { body } = await call('GET', 'recommendations/settings');
      expect(body).toMatchObject({ event: 'Order Completed', everyHours: null, liveRunId: null });
    });

    it('must be there before anything is counted', async () => {
      const refused = await call('POST', 'recommendations/refreshes');
      expect([refused.status, at(refused.body, 'code')]).toEqual([409, 'conflict']);
    });

    it('are put whole, with a trace', async () => {
      const put = await call('PUT', 'recommendations/settings', { event: 'Sold', minSupport: 5 });
      expect(put.body).toMatchObject({ event: 'Sold', minSupport: 5, windowDays: 180 });
      const again = await call('PUT', 'recommendations/settings', {});
      expect(again.body).toMatchObject({ event: 'Order Completed', minSupport: 3 });
      const { rows } = await bench.sql.query(
        `select 1 from audit_log where action = 'recommendations.settings'`,
      );
      expect(rows).toHaveLength(2);
    });

    it('are refused with the path of what is wrong', async () => {
      const put = await call('PUT', 'recommendations/settings', { windowDays: 0 });
      expect([put.status, at(put.body, 'faults', 0, 'path')]).toEqual([422, 'windowDays']);
    });
  });

  it('are counted anew when somebody asks; the row waits for the worker', async () => {
    const asked = await call('POST', 'recommendations/refreshes');
    expect([asked.status, asked.body]).toEqual([202, expect.objectContaining({ state: 'asked' })]);
    const id = textAt(asked.body, 'id');
    expect((await call('GET', `recommendations/refreshes/${id}`)).body).toEqual(asked.body);
    expect(listAt((await call('GET', 'recommendations/refreshes')).body, 'items')).toEqual([
      asked.body,
    ]);
    expect(textAt(asked.body, 'run')).toContain(encodeURIComponent(id));
  });

  describe('items', () => {
    it('are put, listed in pages, replaced whole, and taken out', async () => {
      expect(
        (await putItems(KETTLE, { id: 'tea', name: 'Tea' }, { id: 'pot', name: 'Pot' })).body,
      ).toEqual({ items: 3 });
      const first = await call('GET', 'items?limit=2');
      expect(listAt(first.body, 'items').map((item) => at(item, 'id'))).toEqual(['kettle', 'pot']);
      const rest = await call('GET', `items?limit=2&after=${textAt(first.body, 'next')}`);
      expect(rest.body).toMatchObject({ items: [{ id: 'tea', url: null }], next: null });
      await putItems({ id: 'kettle', name: 'New kettle' });
      expect(at((await call('GET', 'items?limit=1')).body, 'items', 0)).toMatchObject({
        name: 'New kettle',
        url: null,
        price: null,
      });
      await putItems({ id: 'odd/id ü', name: 'Odd' });
      const odd = `items/${encodeURIComponent('odd/id ü')}`;
      expect((await call('DELETE', odd)).status).toBe(200);
      expect((await call('DELETE', odd)).status).toBe(404);
      expect((await call('DELETE', 'items/a%00b')).status).toBe(404);
      await putItems(KETTLE);
    });

    it('of another workspace are its own', async () => {
      expect((await bench.call(bench.rival.all, 'GET', '/api/v1/items')).body).toMatchObject({
        items: [],
      });
      expect((await bench.call(bench.rival.all, 'DELETE', '/api/v1/items/kettle')).status).toBe(
        404,
      );
    });
  });

  describe('of a customer', () => {
    beforeAll(seedModel);

    it('go with what they, and whoever they took in, have bought', async () => {
      const { body } = await call('GET', `customers/${ada.customer}/recommendations?n=2`);
      expect(listAt(body, 'items')).toMatchObject([
        { id: 'tea', because: 'pot', name: 'Tea' },
        { id: 'kettle', because: null, price: 30, url: KETTLE.url },
      ]);
      const absorbed = await call('GET', `customers/${ada.absorbed}/recommendations?n=2`);
      expect(absorbed.body).toEqual(body);
    });

    it('are as many as were asked for, within bounds', async () => {
      const one = await call('GET', `customers/${ada.customer}/recommendations?n=1`);
      expect(listAt(one.body, 'items')).toHaveLength(1);
      for (const n of ['0', '51', 'x', '1.5'])
        expect((await call('GET', `customers/${ada.customer}/recommendations?n=${n}`)).status).toBe(
          400,
        );
    });

    it('are nobody else’s to see', async () => {
      const path = `/api/v1/customers/${ada.customer}/recommendations`;
      expect((await bench.call(bench.rival.all, 'GET', path)).status).toBe(404);
      expect((await bench.call(bench.shop.only.personalise, 'GET', path)).status).toBe(403);
    });

    it('stand in the preview of a template that names them', async () => {
      const html =
        '{% for item in recommendations limit: 2 %}<a href="{{ item.url }}">{{ item.name }}</a>;{% endfor %}';
      await call('PUT', 'templates/next', { ...template('next'), html });
      const { body } = await call('POST', 'templates/next/preview', { customer: ada.customer });
      expect(textAt(body, 'html')).toBe(
        '<a href="">Tea</a>;<a href="https://shop.example/kettle">Kettle</a>;',
      );
    });
  });

  it('leave as the document describes them, and with nothing beside it', async () => {
    const settings = (await call('GET', 'recommendations/settings')).body;
    expect(RecommendationSettingsView.strict().parse(settings)).toEqual(settings);
    const items = listAt((await call('GET', 'items')).body, 'items');
    expect(ItemView.array().min(1).parse(items)).toEqual(items);
    const runs = listAt((await call('GET', 'recommendations/refreshes')).body, 'items');
    expect(RecommendationRunView.strict().array().min(1).parse(runs)).toEqual(runs);
    const mine = (await call('GET', `customers/${ada.customer}/recommendations`)).body;
    expect(RecommendationsView.strict().parse(mine)).toEqual(mine);
  });
});
