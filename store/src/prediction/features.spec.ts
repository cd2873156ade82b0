import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PredictionSchema } from '@throughline/domain/prediction/schemas';
import { PurchaseHistory } from '../../../test/support/purchase-history.js';
import { openLaneKit, type LaneKit } from '../ingestion/testing/lane-kit.js';
import { inWorkspace, openPool } from '../shared/index.js';
import { readKnownCustomers, type KnownCustomer } from './features.js';
import { readHistoryFacts, readPurchases } from './purchases.js';

const DAY_MS = 86_400_000;
const AT = Date.parse('2026-06-15T12:00:00Z');
const definition = PredictionSchema.parse({
  key: 'churn',
  kind: 'churn',
  event: { name: 'Order Completed', amount: 'total', orderId: 'id' },
  horizonDays: 30,
  features: { events: ['Cart Viewed'] },
});

const order = (daysAgo: number, total = 10, id?: string) => ({
  name: 'Order Completed',
  at: AT - daysAgo * DAY_MS,
  properties: { total, ...(id === undefined ? {} : { id }) },
});

describe('what is known of customers at a moment', () => {
  let kit: LaneKit;
  let past: PurchaseHistory;
  let engine: ReturnType<typeof openPool>;

  beforeAll(async () => {
    kit = await openLaneKit();
    engine = openPool({ url: kit.url, role: 'tl_engine', max: 1 });
    past = new PurchaseHistory((sql, values) => kit.rows(sql, values), kit.workspaceId);
  });
  beforeEach(async () => {
    await kit.rows('truncate event, customer');
  });
  afterAll(async () => {
    await engine.end();
    await kit.close();
  });

  const read = async (
    wanted: Partial<{ definition: typeof definition; after: string; limit: number }> = {},
  ) =>
    inWorkspace(engine, kit.workspaceId, (client) =>
      readKnownCustomers(client, kit.workspaceId, {
        definition,
        at: AT,
        after: null,
        limit: 100,
        ...wanted,
      }),
    );
  const only = async (wanted = {}): Promise<KnownCustomer | undefined> =>
    (await read(wanted)).customers[0];

  it('counts orders, money, gaps and what else was done, by age', async () => {
    const [customerId = ''] = await past.people(1);
    await past.events(
      [
        order(100, 30),
        order(40, 20),
        order(10, 40),
        { name: 'Cart Viewed', at: AT - 20 * DAY_MS },
        { name: 'Cart Viewed', at: AT - 60 * DAY_MS },
      ].map((event) => ({ customerId, ...event })),
    );
    expect(await only()).toEqual({
      customerId,
      label: true,
      features: {
        days_since_last: 10,
        days_since_first: 100,
        count_30: 1,
        count_90: 2,
        count_all: 3,
        mean_gap_days: 45,
        amount_90: 60,
        amount_all: 90,
        amount_mean: 30,
        any_days_since_last: 10,
        any_7: 0,
        any_30: 2,
        any_90: 4,
        active_days_90: 4,
        event_types_90: 2,
        'count_30:Cart Viewed': 1,
        'count_90:Cart Viewed': 2,
      },
    });
  });

  it('do not hold what happened later, nor what had not been received yet', async () => {
    const [customerId = ''] = await past.people(1);
    await past.events([{ customerId, ...order(10) }]);
    const before = await only();
    await past.events([
      { customerId, ...order(-1, 500) },
      { customerId, ...order(-29, 500) },
      // It happened before, but came through the door long after: nobody could have known.
      { customerId, ...order(5, 700), imported: false },
      { customerId, name: 'Cart Viewed', at: AT - DAY_MS, imported: false },
    ]);
    const after = await only();
    expect(after?.features).toEqual(before?.features);
    expect(after?.features).toMatchObject({ count_all: 1, 'count_30:Cart Viewed': 0 });
  });

  it('have a label that looks exactly as far as the horizon', async () => {
    const [late = '', early = '', edge = ''] = await past.people(3);
    await past.events([
      ...[late, early, edge].map((customerId) => ({ customerId, ...order(10) })),
      { customerId: late, ...order(-30.001) },
      { customerId: early, ...order(-0.001) },
      { customerId: edge, ...order(-30) },
    ]);
    const { customers } = await read();
    // Churn: the order did not come.
    expect(new Map(customers.map(({ customerId, label }) => [customerId, label]))).toEqual(
      new Map([
        [late, true],
        [early, false],
        [edge, false],
      ]),
    );
  });

  it('take an order that was told twice for one', async () => {
    const [customerId = ''] = await past.people(1);
    await past.events(
      [order(10, 25, 'o-1'), order(9, 25, 'o-1')].map((e) => ({ customerId, ...e })),
    );
    expect((await only())?.features).toMatchObject({ count_all: 1, amount_all: 25 });
  });

  it('are of who customers are now: the events of the merged count for the survivor', async () => {
    const [survivor = '', absorbed = ''] = await past.people(2);
    await past.events([
      { customerId: survivor, ...order(10) },
      { customerId: absorbed, ...order(20) },
    ]);
    await kit.rows('update customer set merged_into = $1 where customer_id = $2', [
      survivor,
      absorbed,
    ]);
    const { customers } = await read();
    expect(customers).toMatchObject([{ customerId: survivor, features: { count_all: 2 } }]);
  });

  it('leave out who never did the event, but not for a propensity', async () => {
    const [customerId = ''] = await past.people(1);
    await past.events([{ customerId, name: 'Cart Viewed', at: AT - DAY_MS }]);
    expect((await read()).customers).toEqual([]);
    const propensity = { ...definition, kind: 'propensity' as const };
    expect(await only({ definition: propensity })).toMatchObject({
      label: false,
      features: { count_all: 0, days_since_last: null, amount_all: null, any_30: 1 },
    });
  });

  it('come in pages that hold everybody once, also those in between who have no history', async () => {
    const ids = await past.people(7);
    await past.events(
      ids.filter((_, n) => n % 3 === 0).map((customerId) => ({ customerId, ...order(3) })),
    );
    const seen: string[] = [];
    let after: string | null = null;
    let pages = 0;
    do {
      const page: Awaited<ReturnType<typeof read>> = await read({
        limit: 2,
        ...(after === null ? {} : { after }),
      });
      seen.push(...page.customers.map(({ customerId }) => customerId));
      after = page.next;
      pages += 1;
    } while (after !== null);
    expect(seen).toEqual(ids.filter((_, n) => n % 3 === 0).sort());
    expect(pages).toBe(4);
  });

  it('see nothing of another workspace', async () => {
    const [customerId = ''] = await past.people(1);
    await past.events([{ customerId, ...order(10) }]);
    const other = '0199a3c5-0000-7000-8000-000000000000';
    const page = await inWorkspace(engine, other, (client) =>
      readKnownCustomers(client, kit.workspaceId, { definition, at: AT, after: null, limit: 9 }),
    );
    expect(page).toEqual({ customers: [], next: null });
  });

  describe('purchases', () => {
    const purchases = async () =>
      (
        await inWorkspace(engine, kit.workspaceId, (client) =>
          readPurchases(client, kit.workspaceId, { definition, at: AT, after: null, limit: 100 }),
        )
      ).customers;

    it('are days with an order, the first not counted, with what a repeated day brings', async () => {
      const [customerId = ''] = await past.people(1);
      await past.events(
        [order(70, 99), order(56, 10), order(56.1, 20), order(14, 50), order(-5), order(-6)].map(
          (event) => ({ customerId, ...event }),
        ),
      );
      expect(await purchases()).toEqual([
        {
          customerId,
          repeats: 2,
          lastDay: 56,
          days: 70,
          meanSpend: 40,
          totalSpend: 179,
          later: 2,
        },
      ]);
    });

    it('say nothing of somebody whose orders are all to come', async () => {
      const [customerId = ''] = await past.people(1);
      await past.events([{ customerId, ...order(-3) }]);
      expect(await purchases()).toEqual([]);
    });

    it('know how much there is to learn of', async () => {
      const [customerId = ''] = await past.people(1);
      await past.events([
        { customerId, ...order(100) },
        { customerId, ...order(4) },
        { customerId, name: 'Cart Viewed', at: AT - DAY_MS },
        { customerId, name: 'Never Seen', at: AT + DAY_MS },
      ]);
      const facts = await inWorkspace(engine, kit.workspaceId, (client) =>
        readHistoryFacts(client, kit.workspaceId, { definition, at: AT }),
      );
      expect(facts).toEqual({ historyDays: 100, recentDays: 4, eventTypes: 2 });
    });
  });
});
