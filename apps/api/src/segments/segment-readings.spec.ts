import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { segment } from '../testing/definitions.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';

const NAMED = { trait: 'name', op: 'equals', value: 'Ada' };
const ORDERED = { event: 'Order Completed' };

describe('questions about segments', () => {
  let bench: Bench;
  let ada: Seeded;
  const bob = newId();

  beforeAll(async () => {
    bench = await openBench();
    ada = await seedCustomer(bench.sql, bench.shop.id);
    await seedCustomer(bench.sql, bench.rival.id, { email: 'other@example.com' });
    await bench.sql.query(
      `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, applied_position)
       values ($1, $2, now(), 9, 0, 9)`,
      [bench.shop.id, bob],
    );
    await call('PUT', 'segments/vip', segment('vip', NAMED));
    await call('POST', 'segments/vip/publish');
    await call('PUT', 'segments/draft', segment('draft', ORDERED));
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown, key = bench.shop.all) =>
    bench.call(key, method, `/api/v1/${path}`, body === undefined ? {} : { body });

  describe('a preview', () => {
    it('of a condition in the body counts, samples and reaches', async () => {
      const { status, body } = await call('POST', 'segments/preview', { condition: NAMED });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        count: 1,
        sample: [ada.customer],
        reach: { purpose: 'marketing', channel: 'email', addressed: 1, consented: 1 },
        changes: null,
      });
      expect(Date.parse(textAt(body, 'asOf'))).toBeGreaterThan(Date.parse('2026-01-01'));
    });

    it('asks for the purpose that is named', async () => {
      const { body } = await call('POST', 'segments/preview', {
        condition: NAMED,
        purpose: 'news',
      });
      expect(at(body, 'reach')).toMatchObject({ purpose: 'news', consented: 0, reachable: 0 });
    });

    it('of a draft says what publishing it would change', async () => {
      const everybodyElse = { not: NAMED };
      await call('PUT', 'segments/vip', segment('vip', everybodyElse));
      const { body } = await call('POST', 'segments/vip/preview');
      // Ada is in the live segment by the seed; Bob would be.
      expect(body).toMatchObject({ count: 1, sample: [bob], changes: { entering: 1, leaving: 1 } });
      await call('PUT', 'segments/vip', segment('vip', NAMED));
    });

    it('of a draft that was never live has nothing to compare with', async () => {
      expect(at((await call('POST', 'segments/draft/preview')).body, 'changes')).toBeNull();
    });

    it.each([
      ['no condition', {}, 400],
      ['a condition with faults', { condition: { trait: 'x', op: 'larger' } }, 422],
      ['a property that is none', { condition: NAMED, workspace: 'x' }, 400],
      ['a channel without addresses', { condition: NAMED, channel: 'fax' }, 400],
    ])('with %s is refused', async (_, body, status) => {
      expect((await call('POST', 'segments/preview', body)).status).toBe(status);
    });
  });

  describe('who am I', () => {
    it('explains a live segment test by test', async () => {
      const { status, body } = await call('POST', 'segments/vip/who-am-i', {
        customer: ada.customer,
      });
      expect(status).toBe(200);
      expect(body).toMatchObject({ customerId: ada.customer, member: true, nextChangeAt: null });
      expect(at(body, 'tests')).toMatchObject([
        { path: '', holds: true, value: 'Ada', events: [] },
      ]);
    });

    it('explains a draft, with the events behind each test', async () => {
      const condition = {
        all: [ORDERED, { not: { lastEvent: 'Order Completed', op: 'olderThan', value: 'P1D' } }],
      };
      const asked = { customer: ada.absorbed, condition };
      const { body } = await call('POST', 'segments/who-am-i', asked);
      expect(body).toMatchObject({ customerId: ada.customer, member: false });
      expect(listAt(body, 'tests').map((test) => [at(test, 'path'), at(test, 'holds')])).toEqual([
        ['all.0', true],
        ['all.1.not', true],
      ]);
      expect(at(body, 'tests', 0, 'events')).toMatchObject([
        { name: 'Order Completed', at: '2026-01-02T03:04:05.678Z' },
      ]);
    });

    it('knows nobody of another workspace', async () => {
      const asked = { customer: ada.customer, condition: NAMED };
      expect((await call('POST', 'segments/who-am-i', asked, bench.rival.all)).status).toBe(404);
      expect(
        (await call('POST', 'segments/nowhere/who-am-i', { customer: ada.customer })).status,
      ).toBe(404);
      expect((await call('POST', 'segments/vip/who-am-i', { customer: 'ada' })).status).toBe(400);
    });
  });

  describe('members and size', () => {
    it('are read as of an instant', async () => {
      const before = await call('GET', 'segments/vip/members?asOf=2026-01-01T00:00:00Z');
      expect(before.body).toEqual({ items: [], next: null });
      await enter(ada.customer, '2026-01-02T03:04:05.678Z');
      const after = await call('GET', 'segments/vip/members?asOf=2026-01-03');
      expect(at(after.body, 'items')).toEqual([
        { customerId: ada.customer, since: '2026-01-02T03:04:05.678Z' },
      ]);
      expect((await call('GET', 'segments/vip/members?asOf=yesterday')).status).toBe(400);
      expect((await call('GET', 'segments/vip/members?asOf=2026-02-31')).status).toBe(400);
    });

    it('have a history in buckets', async () => {
      const { body } = await call(
        'GET',
        'segments/vip/history?from=2026-01-01&to=2026-01-03T12:00:00Z',
      );
      expect(at(body, 'points')).toEqual([
        { from: '2026-01-01T00:00:00.000Z', entered: 0, left: 0, merged: 0, size: 0 },
        { from: '2026-01-02T00:00:00.000Z', entered: 1, left: 0, merged: 0, size: 1 },
        { from: '2026-01-03T00:00:00.000Z', entered: 0, left: 0, merged: 0, size: 1 },
      ]);
      expect(listAt((await call('GET', 'segments/vip/history')).body, 'points')).toHaveLength(30);
      expect(
        listAt((await call('GET', 'segments/vip/history?bucket=hour')).body, 'points'),
      ).toHaveLength(30);
    });

    it.each([
      'from=2026-02-01&to=2026-01-01',
      'bucket=minute',
      'from=2020-01-01&bucket=hour',
      'from=soon',
    ])('have no history of %s', async (query) => {
      expect((await call('GET', `segments/vip/history?${query}`)).status).toBe(400);
    });

    async function enter(customerId: string, time: string): Promise<void> {
      await bench.sql.query(
        `insert into segment_membership_change (workspace_id, customer_id, position, ordinal, segment_key, version, change, at, clock)
         values ($1, $2, 70, 0, 'vip', 1, 'entered', $3, $3) on conflict do nothing`,
        [bench.shop.id, customerId, time],
      );
    }
  });

  describe('overlap', () => {
    it('is a matrix in the order that was asked for', async () => {
      await bench.sql.query(
        `insert into segment_membership (workspace_id, customer_id, segment_key, version, since, position, ordinal)
         values ($1, $2, 'draft', 1, now(), 1, 0), ($1, $3, 'draft', 1, now(), 1, 0)`,
        [bench.shop.id, ada.customer, bob],
      );
      const { body } = await call('GET', 'segments/vip/overlap?with=draft,vip');
      expect(body).toMatchObject({
        segments: ['vip', 'draft'],
        matrix: [
          [1, 1],
          [1, 2],
        ],
      });
      expect(at((await call('GET', 'segments/vip/overlap')).body, 'matrix')).toEqual([[1]]);
    });

    it('is refused for more than ten, for what is no key, and for what is not there', async () => {
      const many = Array.from({ length: 10 }, (_, n) => `s${n}`).join();
      expect((await call('GET', `segments/vip/overlap?with=${many}`)).status).toBe(400);
      expect((await call('GET', 'segments/vip/overlap?with=A%20B')).status).toBe(400);
      expect((await call('GET', 'segments/vip/overlap?with=nowhere')).status).toBe(404);
    });
  });
});
