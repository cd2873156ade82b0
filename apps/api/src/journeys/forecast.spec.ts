import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { journey, mailConnection, segment, template } from '../testing/definitions.js';

const BEGAN = 'Product Added';

describe('forecasts of journeys', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
    await call('PUT', 'connections/mail', mailConnection('mail'));
    await call('PUT', 'templates/reminder', template('reminder'));
    await call('PUT', 'journeys/cart', journey('cart'));
    // Ten people who put something into a cart ten hours ago; the lane has come to now.
    for (let person = 0; person < 10; person += 1) await shop(person);
    await bench.sql.query(
      `update lane set position = 1000, clock = date_trunc('milliseconds', clock_timestamp()) where workspace_id = $1`,
      [bench.shop.id],
    );
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown, key = bench.shop.all) =>
    bench.call(key, method, `/api/v1/${path}`, body === undefined ? {} : { body });

  async function shop(person: number): Promise<void> {
    const id = newId();
    const values = [bench.shop.id, id, person + 1];
    await bench.sql.query(
      `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, applied_position)
       values ($1, $2, now() - interval '1 day', $3, 0, $3)`,
      values,
    );
    await bench.sql.query(
      `insert into identifier (workspace_id, type, value, customer_id, origin_id, first_seen_at)
       values ($1, 'email', $3, $2, $2, now() - interval '1 day')`,
      [bench.shop.id, id, `p${person}@example.com`],
    );
    await bench.sql.query(
      `insert into event (workspace_id, customer_id, position, ordinal, clock, event_time, message_id, type, name, source_key, body)
       values ($1, $2, $3, 0, now() - interval '10 hours', now() - interval '10 hours', $4, 'track', $5, 'web', $6)`,
      [
        ...values,
        `m-${person}`,
        BEGAN,
        JSON.stringify({
          properties: { cart_id: `c${person}` },
          traits: {},
          consents: [{ purpose: 'marketing', channel: 'email', state: 'granted' }],
          imported: false,
        }),
      ],
    );
  }

  describe('a simulation', () => {
    it('is asked for and can be read; the run that works it off finds it as a row', async () => {
      const begun = await call('POST', 'journeys/cart/simulate', { days: 2 });
      expect(begun.status).toBe(202);
      const id = textAt(begun.body, 'id');
      expect(begun.body).toMatchObject({
        journey: 'cart',
        version: null,
        state: 'queued',
        days: 2,
        people: { done: 0, sample: 10, population: 10, share: 1 },
        entered: 0,
      });
      expect(listAt(begun.body, 'steps').map((step) => at(step, 'step'))).toEqual([
        'wait',
        'bought',
        'mail',
        'done',
      ]);
      const read = await call('GET', `journeys/cart/simulations/${id}`);
      expect([read.status, read.body]).toEqual([200, begun.body]);
      const { rows } = await bench.sql.query(
        'select simulation_id from simulation where state = $1',
        ['queued'],
      );
      expect(rows).toEqual([{ simulation_id: id }]);
    });

    it('draws a sample of more people than it may look at', async () => {
      const { body } = await call('POST', 'journeys/cart/simulate', { maxCustomers: 4 });
      expect(at(body, 'people')).toMatchObject({ sample: 4, population: 10, share: 0.4 });
    });

    it('takes a definition with the request, also of a journey that is not stored', async () => {
      const definition = journey('fresh', { name: 'Fresh' });
      const { status, body } = await call('POST', 'journeys/fresh/simulate', { definition });
      expect([status, at(body, 'journey')]).toEqual([202, 'fresh']);
    });

    it.each([
      ['of a journey that is not there', 'journeys/none/simulate', {}, 404],
      ['of a version that is not there', 'journeys/cart/simulate', { version: 9 }, 404],
      ['of too many days', 'journeys/cart/simulate', { days: 91 }, 400],
      [
        'of a definition with faults',
        'journeys/cart/simulate',
        { definition: { key: 'cart' } },
        422,
      ],
      ['of another key', 'journeys/cart/simulate', { definition: journey('other') }, 422],
    ])('%s is refused', async (_, path, body, status) => {
      expect((await call('POST', path, body)).status).toBe(status);
    });

    it('is seen by nobody else, and not by another journey', async () => {
      const id = textAt((await call('POST', 'journeys/cart/simulate', {})).body, 'id');
      const path = `journeys/cart/simulations/${id}`;
      expect((await call('GET', path, undefined, bench.rival.all)).status).toBe(404);
      expect((await call('GET', `journeys/fresh/simulations/${id}`)).status).toBe(404);
    });

    it('needs a key that may write', async () => {
      const { only } = bench.shop;
      expect((await call('POST', 'journeys/cart/simulate', {}, only.read)).status).toBe(403);
    });
  });

  describe('the blast radius', () => {
    it('says what the last days would have brought', async () => {
      const { status, body } = await call('POST', 'journeys/cart/blast-radius', { days: 2 });
      expect(status).toBe(200);
      expect(body).toEqual({
        days: 2,
        people: 10,
        population: 10,
        insideNow: 0,
        enters: { perDay: 5, busiestDay: 10 },
        messages: { perDay: 5, busiestDay: 10 },
        limit: 10_000,
        needsConfirmation: false,
      });
    });

    it('counts who is in the segment of the trigger already', async () => {
      await call('PUT', 'segments/vip', segment('vip'));
      await bench.sql.query(
        `insert into segment_membership (workspace_id, customer_id, segment_key, version, since, position, ordinal)
         select workspace_id, customer_id, 'vip', 1, now(), 1, 0 from customer where workspace_id = $1 limit 3`,
        [bench.shop.id],
      );
      const trigger = { kind: 'segment', segment: 'vip', on: 'entered' };
      await call('PUT', 'journeys/vips', journey('vips', { trigger, entry: { reentry: 'once' } }));
      const { body } = await call('POST', 'journeys/vips/blast-radius', {});
      expect(body).toMatchObject({ insideNow: 3, enters: { perDay: 0 } });
    });
  });

  describe('publishing', () => {
    it('that would send more than is allowed is refused by the number, until it is confirmed', async () => {
      const put = await call('PUT', 'workspaces/publish-limit', { messagesPerDay: 9 });
      expect([put.status, put.body]).toEqual([200, { messagesPerDay: 9 }]);
      const refused = await call('POST', 'journeys/cart/publish');
      expect(refused.status).toBe(409);
      expect(refused.body).toMatchObject({
        code: 'confirmation_required',
        detail: expect.stringContaining('up to 10 messages would go out in a day; the limit is 9'),
        faults: [{ path: 'messages', code: 'blast_radius' }],
      });
      const confirmed = await call('POST', 'journeys/cart/publish?confirm=true');
      expect([confirmed.status, confirmed.body]).toEqual([200, { version: 1, changed: true }]);
    });

    it('within the limit needs no confirmation', async () => {
      await call('PUT', 'workspaces/publish-limit', { messagesPerDay: 10 });
      await call('PUT', 'journeys/cart', journey('cart', { name: 'Cart, again' }));
      expect((await call('POST', 'journeys/cart/publish')).body).toEqual({
        version: 2,
        changed: true,
      });
      expect((await call('GET', 'workspaces/publish-limit')).body).toEqual({ messagesPerDay: 10 });
    });

    it('says the faults of a draft before its radius', async () => {
      await call('PUT', 'workspaces/publish-limit', { messagesPerDay: 0 });
      await call('PUT', 'journeys/empty', journey('empty', { start: 'nowhere' }));
      expect((await call('POST', 'journeys/empty/publish')).status).toBe(422);
    });

    it.each([
      ['a negative limit', { messagesPerDay: -1 }, 400],
      ['no limit', {}, 400],
    ])('takes %s for what it is', async (_, body, status) => {
      expect((await call('PUT', 'workspaces/publish-limit', body)).status).toBe(status);
    });
  });
});
