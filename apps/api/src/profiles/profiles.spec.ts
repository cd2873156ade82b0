import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { LaneProcessor } from '@throughline/store/ingestion';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { consent, EARLY, identify, track } from './testing/messages-of-ada.js';

/** What the doors take in, worked off by a real lane, and read by keys of several kinds. */
describe('profiles', () => {
  let bench: Bench;
  let lane: pg.Client;
  let ada: string;
  let before: string;

  beforeAll(async () => {
    bench = await openBench();
    lane = new pg.Client({
      connectionString: bench.config.databaseUrl,
      options: '-c role=tl_lane',
    });
    await lane.connect();
    await send(
      identify({
        email: 'ada@example.com',
        firstName: 'Ada',
        plan: 'free',
        address: { street: 'Mill Lane 1', city: 'York' },
      }),
      track('Product Viewed', { name: 'Blue shoes', email: 'other@example.com', price: 5 }),
      consent('granted'),
    );
    before = await clock();
    await send(identify({ plan: 'pro', phone: '+4915112345678' }), consent('revoked'));
    await send(track('Order Completed', { total: 10 }));
    ada = textAt((await get('customers?identifier=user_id:ada-1')).body, 'items', 0, 'id');
  });
  afterAll(async () => {
    await lane.end();
    await bench.close();
  });

  const get = (path: string, key = bench.shop.all) => bench.call(key, 'GET', `/api/v1/${path}`);
  const asReader = (path: string) => get(path, bench.shop.only.read);

  async function send(...batch: readonly unknown[]): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${bench.shop.write}:`).toString('base64')}`;
    const sent = await bench.call(null, 'POST', '/v1/batch', {
      body: { batch },
      headers: { authorization },
    });
    expect(sent.status).toBe(200);
    const processor = await LaneProcessor.take(lane, { workspaceId: bench.shop.id });
    if (processor === null) throw new TypeError('the lane of this test has another holder');
    while ((await processor.processOnce()).rows > 0);
    await lane.query('select pg_advisory_unlock_all()');
  }

  async function clock(): Promise<string> {
    const { rows } = await lane.query<{ clock: number }>(
      'select clock from lane where workspace_id = $1',
      [bench.shop.id],
    );
    return new Date(rows[0]?.clock ?? 0).toISOString();
  }

  it('are told in the parts that were asked for', async () => {
    const { body } = await get(`customers/${ada}?fields=traits,segments`);
    expect(body).toMatchObject({ id: ada, traits: { plan: { value: 'pro' } }, segments: [] });
    expect(at(body, 'identifiers')).toBeUndefined();
    expect(at(body, 'consents')).toBeUndefined();
    expect((await get(`customers/${ada}?fields=dreams`)).status).toBe(400);
    expect((await get(`customers/${ada}?fields=`)).status).toBe(400);
  });

  it('are told as they were', async () => {
    const { body } = await get(`customers/${ada}?asOf=${before}`);
    expect(body).toMatchObject({
      id: ada,
      asOf: before,
      traits: { plan: { value: 'free' }, firstName: { value: 'Ada', at: EARLY, source: 'web' } },
      consents: [{ purpose: 'marketing', channel: 'email', state: 'granted' }],
      identifiers: [
        { type: 'email', value: 'ada@example.com' },
        { type: 'user_id', value: 'ada-1' },
      ],
    });
    expect(at((await get(`customers/${ada}`)).body, 'consents')).toMatchObject([
      { state: 'revoked' },
    ]);
    expect((await get(`customers/${ada}?asOf=2020-01-01T00:00:00Z`)).status).toBe(404);
    expect((await get(`customers/${ada}?asOf=yesterday`)).status).toBe(400);
    expect((await get(`customers/${bench.shop.id}?asOf=${before}`)).status).toBe(404);
    expect((await get(`customers/${ada}?asOf=${before}`, bench.rival.all)).status).toBe(404);
  });

  it('keep contact data and what is personal from keys that need not see it', async () => {
    const { body } = await asReader(`customers/${ada}`);
    expect(body).toMatchObject({
      identifiers: [
        { type: 'email', value: 'a***@example.com' },
        { type: 'phone', value: '***78' },
        { type: 'user_id', value: 'ada-1' },
      ],
      traits: {
        email: { value: 'a***@example.com' },
        firstName: { value: '***' },
        plan: { value: 'pro' },
        address: { value: { street: '***', city: 'York' } },
      },
    });
    const past = await asReader(`customers/${ada}?asOf=${before}`);
    const timeline = await asReader(`customers/${ada}/timeline`);
    const stream = await asReader('events');
    for (const { status, text } of [past, timeline, stream]) {
      expect(status).toBe(200);
      expect(text).not.toMatch(/ada@example|other@example|"Ada"|Mill Lane|5112345678/);
    }
    expect((await get(`customers/${ada}`)).text).toContain('ada@example.com');
  });

  it('hide the segments that stand for conditions of journeys', async () => {
    await bench.sql.query(
      `insert into segment_membership (workspace_id, customer_id, segment_key, version, since, position, ordinal)
       values ($1, $2, '_cart.1.1', 1, now(), 1, 0), ($1, $2, 'vip', 1, now(), 1, 0)`,
      [bench.shop.id, ada],
    );
    await bench.sql.query(
      `insert into segment_membership_change (workspace_id, customer_id, position, ordinal, segment_key, version, change, at, clock)
       values ($1, $2, 1, 0, '_cart.1.1', 1, 'entered', $3, $3), ($1, $2, 1, 0, 'vip', 1, 'entered', $3, $3)`,
      [bench.shop.id, ada, before],
    );
    for (const path of [`customers/${ada}`, `customers/${ada}?asOf=${before}`])
      expect(at((await get(path)).body, 'segments')).toMatchObject([{ key: 'vip' }]);
    expect((await get('customers?segment=_cart.1.1')).status).toBe(400);
    expect((await get('segments/_cart.1.1/members')).status).toBe(404);
  });

  it.each([
    ['ada@ex', [{ type: 'email', value: 'ada@example.com' }]],
    ['ADA@EX', [{ type: 'email', value: 'ada@example.com' }]],
    ['ada-', [{ type: 'user_id', value: 'ada-1' }]],
    ['+49 151 12', [{ type: 'phone', value: '+4915112345678' }]],
  ])('are found by the beginning %j', async (search, matched) => {
    const { body } = await get(`customers?search=${encodeURIComponent(search)}`);
    expect(body).toEqual({ items: [{ id: ada, matched }], next: null });
  });

  it('are not found by addresses for keys that may not see them, nor by too little or too much', async () => {
    expect(at((await asReader('customers?search=ada@ex')).body, 'items')).toEqual([]);
    expect(at((await asReader('customers?search=ada-')).body, 'items')).toHaveLength(1);
    expect(at((await get('customers?search=%25da')).body, 'items')).toEqual([]);
    expect((await get('customers?search=ad')).status).toBe(400);
    expect((await get('customers?search=ada&segment=vip')).status).toBe(400);
    expect(at((await get('customers?search=ada', bench.rival.all)).body, 'items')).toEqual([]);
  });

  it.each([
    ['type=identify', ['identify', 'identify']],
    ['name=Order%20Completed', ['track']],
    ['source=web&type=track', ['track', 'track', 'track', 'track']],
    ['source=shop', []],
    [`from=${EARLY}&to=2026-01-01T10:00:00.001Z&type=identify`, ['identify', 'identify']],
    [`to=${EARLY}`, []],
  ])('have a timeline that is filtered by %s', async (filter, types) => {
    const { status, body } = await get(`customers/${ada}/timeline?${filter}`);
    expect([status, listAt(body, 'items').map((item) => at(item, 'type'))]).toEqual([200, types]);
  });

  it('let their events be followed, each once and in order', async () => {
    const first = await get('events?limit=2');
    expect(listAt(first.body, 'items').map((item) => at(item, 'name'))).toEqual([
      'Consent Changed',
      'Order Completed',
    ]);
    const next = textAt(first.body, 'next');
    const none = await get(`events?after=${next}`);
    expect(none.body).toEqual({ items: [], next });
    await send(track('Product Added', {}), track('Cart Viewed', {}), track('Cart Viewed', {}));
    const names: unknown[] = [];
    let after = next;
    for (let page = 0; page < 3; page += 1) {
      const { body } = await get(`events?limit=1&name=Cart%20Viewed&after=${after}`);
      names.push(...listAt(body, 'items').map((item) => at(item, 'name')));
      after = textAt(body, 'next');
    }
    expect(names).toEqual(['Cart Viewed', 'Cart Viewed']);
    expect(at((await get('events', bench.rival.all)).body, 'items')).toEqual([]);
  });
});
