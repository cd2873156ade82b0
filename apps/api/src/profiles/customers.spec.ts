import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, openBench, textAt, type Bench } from '../testing/bench.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';

describe('customers', () => {
  let bench: Bench;
  let ada: Seeded;

  beforeAll(async () => {
    bench = await openBench();
    ada = await seedCustomer(bench.sql, bench.shop.id);
  });
  afterAll(() => bench.close());

  const get = (path: string) => bench.call(bench.shop.all, 'GET', `/api/v1/${path}`);

  it('are read with identifiers, provenance of traits, consents and segments', async () => {
    const { body } = await get(`customers/${ada.customer}`);
    expect(body).toMatchObject({
      id: ada.customer,
      absorbed: [ada.absorbed],
      traits: { name: { value: 'Ada', at: '2026-01-02T03:04:05.678Z', source: 'web' } },
      identifiers: [
        { type: 'email', value: 'ada@example.com' },
        { type: 'user_id', value: 'u-1' },
      ],
      consents: [{ purpose: 'marketing', channel: 'email', state: 'granted' }],
      segments: [{ key: 'vip' }],
      appliedPosition: 7,
    });
  });

  it('answer by the id of somebody whom they took in', async () => {
    expect(at((await get(`customers/${ada.absorbed}`)).body, 'id')).toBe(ada.customer);
    expect(at((await get(`customers/${ada.absorbed}/timeline`)).body, 'items')).toHaveLength(3);
  });

  it.each(['email:ada@example.com', 'email:ADA@Example.com ', 'user_id:u-1'])(
    'are found by %s',
    async (identifier) => {
      const { body } = await get(`customers?identifier=${encodeURIComponent(identifier)}`);
      expect(body).toEqual({ items: [{ id: ada.customer }], next: null });
    },
  );

  it.each(['email:nobody@example.com', 'user_id:u-2', 'email:not an address', 'user_id:a\u0000b'])(
    'are not found by %j, which is an empty list',
    async (identifier) => {
      const { status, body } = await get(`customers?identifier=${encodeURIComponent(identifier)}`);
      expect(status).toBe(200);
      expect(at(body, 'items')).toEqual([]);
    },
  );

  it('are listed by segment, and all of them without those that were merged', async () => {
    expect(at((await get('customers?segment=vip')).body, 'items')).toEqual([{ id: ada.customer }]);
    expect(at((await get('customers?segment=nobody')).body, 'items')).toEqual([]);
    expect(at((await get('customers')).body, 'items')).toMatchObject([{ id: ada.customer }]);
    expect((await get('customers?segment=vip&identifier=email:x@example.com')).status).toBe(400);
    expect((await get('customers?identifier=nonsense')).status).toBe(400);
  });

  it('have a timeline, newest first, in pages', async () => {
    const first = await get(`customers/${ada.customer}/timeline?limit=2`);
    expect(at(first.body, 'items')).toMatchObject([
      { name: 'Order Completed', at: '2026-01-02T03:04:05.678Z' },
      { name: 'Page Viewed', customerId: ada.absorbed },
    ]);
    const rest = await get(
      `customers/${ada.customer}/timeline?limit=2&after=${textAt(first.body, 'next')}`,
    );
    expect(at(rest.body, 'items')).toMatchObject([{ name: 'Product Added' }]);
    expect(at(rest.body, 'next')).toBeNull();
  });

  it('have consents with their changes', async () => {
    const { body } = await get(`customers/${ada.customer}/consents`);
    expect(body).toMatchObject({
      consents: [{ purpose: 'marketing', state: 'granted' }],
      changes: [{ previous: null }],
    });
  });

  it('are suppressed by hash, in pages', async () => {
    const first = await get('suppressions?limit=1&channel=email');
    const second = await get(
      `suppressions?limit=1&channel=email&after=${textAt(first.body, 'next')}`,
    );
    const reasons = [at(first.body, 'items', 0, 'reason'), at(second.body, 'items', 0, 'reason')];
    expect(reasons.sort()).toEqual(['complaint', 'hard_bounce']);
    expect(first.text + second.text).not.toContain('ada@');
    expect(at((await get('suppressions?channel=sms')).body, 'items')).toEqual([]);
  });

  it('have deliveries and enrolments, filtered', async () => {
    expect(at((await get('deliveries?state=reserved')).body, 'items')).toMatchObject([
      { key: ada.deliveryKey, blockedBy: 'stopped_workspace' },
    ]);
    expect(at((await get('deliveries?state=failed')).body, 'items')).toEqual([]);
    expect((await get(`deliveries/${encodeURIComponent(ada.deliveryKey)}`)).body).toMatchObject({
      state: 'reserved',
      customerId: ada.customer,
    });
    const open = await get(`enrolments?customer=${ada.customer}&state=active`);
    expect(at(open.body, 'items')).toMatchObject([
      { id: ada.enrolment, step: 'wait_a_day', visit: 1, waitUntil: '2026-01-03T03:04:05.678Z' },
    ]);
    expect(at((await get(`enrolments?customer=${ada.customer}`)).body, 'items')).toHaveLength(2);
  });

  it('have enrolments with their trail and the link to the run', async () => {
    const { body } = await get(`enrolments/${ada.enrolment}`);
    expect(at(body, 'run')).toEqual({
      workflowId: `journey/cart/${ada.enrolment}`,
      url: `http://127.0.0.1:8233/namespaces/nowhere/workflows/journey%2Fcart%2F${ada.enrolment}`,
    });
    expect(at(body, 'trail')).toMatchObject([
      { kind: 'entered' },
      { kind: 'stepped', step: 'wait_a_day' },
      { kind: 'waiting' },
    ]);
  });

  it('are in segments that can be counted and listed', async () => {
    await bench.call(bench.shop.all, 'PUT', '/api/v1/segments/vip', {
      body: { key: 'vip', name: 'VIP', condition: { trait: 'plan', op: 'exists' } },
    });
    expect((await get('segments/vip/count')).body).toMatchObject({ count: 1 });
    expect(at((await get('segments/vip/members')).body, 'items')).toMatchObject([
      { customerId: ada.customer },
    ]);
  });
});
