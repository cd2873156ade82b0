import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportPage } from '../consent/index.js';
import { erasePersonRows } from '../ingestion/lane-erase-rows.js';
import { JourneyWorld } from '../journeys/testing/journey-world.js';
import { inWorkspace, newId, openPool } from '../shared/index.js';
import { addCodes, assignCoupon, putPool } from './index.js';

describe('a code that was given to somebody', () => {
  let world: JourneyWorld;
  let app: ReturnType<typeof openPool>;
  let lane: ReturnType<typeof openPool>;
  const customerId = newId();

  beforeAll(async () => {
    world = await JourneyWorld.create();
    app = openPool({ url: world.url, role: 'tl_app', max: 1 });
    lane = openPool({ url: world.url, role: 'tl_lane', max: 1 });
    const { workspaceId } = world;
    await inWorkspace(app, workspaceId, async (client) => {
      await putPool(client, workspaceId, { key: 'pool', name: 'Pool', lowStock: 0 });
      const sealed = ['A', 'B'].map((code) => ({ code, keyId: 'k', sealed: Buffer.from(code) }));
      await addCodes(client, workspaceId, { pool: 'pool', codes: sealed });
    });
    const wanted = { workspaceId, pool: 'pool', deliveryKey: 'e:s:1', customerId };
    await assignCoupon(world.engine, wanted);
  }, 60_000);

  afterAll(async () => {
    await Promise.all([app.end(), lane.end()]);
    await world.close();
  });

  const exported = () =>
    inWorkspace(app, world.workspaceId, (client) =>
      exportPage(client, world.workspaceId, {
        customerIds: [customerId],
        section: 'coupons',
        after: null,
      }),
    );

  it('stands in their export by pool and message, without what it is sealed in', async () => {
    expect((await exported()).rows).toEqual([
      {
        pool_key: 'pool',
        delivery_key: 'e:s:1',
        customer_id: customerId,
        assigned_at: expect.any(String),
      },
    ]);
  });

  it('stays given when they are erased, and is nobody’s', async () => {
    const { workspaceId } = world;
    const counts = await erasePersonRows(lane, workspaceId, {
      ids: [customerId],
      eraseId: newId(),
    });
    expect(counts['coupon_code']).toBe(1);
    expect((await exported()).rows).toEqual([]);
    const rows = await world.sql<{ free: boolean; told: boolean }>(
      `select delivery_key is null as free, delivery_key like '%e:s:1%' as told from coupon_code
        where workspace_id = $1 order by code_id`,
    );
    expect(rows.map(({ free }) => free)).toEqual([false, true]);
    expect(rows[0]?.told).toBe(false);
    const next = { workspaceId, pool: 'pool', deliveryKey: 'x:s:1', customerId: newId() };
    const verdict = await assignCoupon(world.engine, next);
    expect(verdict.kind === 'assigned' && verdict.code.sealed.toString()).toBe('B');
  });
});
