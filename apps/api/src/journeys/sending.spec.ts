import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { at, openBench, type Bench } from '../testing/bench.js';
import { journey, mailConnection } from '../testing/definitions.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';

describe('stopping all sending', () => {
  let bench: Bench;
  let seeded: Seeded;

  beforeAll(async () => {
    bench = await openBench();
    await call('PUT', 'connections/mail', mailConnection('mail'));
    await call('PUT', 'journeys/cart', journey('cart'));
    seeded = await seedCustomer(bench.sql, bench.shop.id, { journey: 'cart', connection: 'mail' });
    await seedCustomer(bench.sql, bench.rival.id, { journey: 'cart', connection: 'mail' });
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.sql.query('delete from outbox; delete from sending_stop'));

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });
  const outbox = async (): Promise<readonly unknown[]> =>
    (
      await bench.sql.query<Record<string, unknown>>(
        'select workspace_id, enrolment_id, journey_key, kind from outbox',
      )
    ).rows;

  it.each([
    { scope: 'workspace' },
    { scope: 'journey', target: 'cart' },
    { scope: 'connection', target: 'mail' },
  ])(
    'of %j is a row at once, and lifting it wakes who was kept back, of this workspace only',
    async (target) => {
      const stopped = await call('POST', 'sending/stop', target);
      expect(at(stopped.body, 'stops')).toMatchObject([
        { scope: target.scope, target: target.target ?? null },
      ]);
      const rows = await bench.sql.query(
        'select scope, target from sending_stop where workspace_id = $1',
        [bench.shop.id],
      );
      expect(rows.rows).toEqual([{ scope: target.scope, target: target.target ?? '' }]);
      const resumed = await call('POST', 'sending/resume', target);
      expect(resumed.body).toEqual({ stops: [], woken: 1 });
      expect(await outbox()).toEqual([
        {
          workspace_id: bench.shop.id,
          enrolment_id: seeded.enrolment,
          journey_key: 'cart',
          kind: 'wake',
        },
      ]);
    },
  );

  it('twice is once, and lifting what is not stopped wakes nobody', async () => {
    await call('POST', 'sending/stop', { scope: 'workspace' });
    expect(
      at((await call('POST', 'sending/stop', { scope: 'workspace' })).body, 'stops'),
    ).toHaveLength(1);
    await call('POST', 'sending/resume', { scope: 'workspace' });
    expect((await call('POST', 'sending/resume', { scope: 'workspace' })).body).toEqual({
      stops: [],
      woken: 0,
    });
  });

  it('of one journey leaves the others', async () => {
    await call('PUT', 'journeys/other', journey('other'));
    await call('POST', 'sending/stop', { scope: 'journey', target: 'other' });
    await call('POST', 'sending/resume', { scope: 'journey', target: 'other' });
    expect(await outbox()).toEqual([]);
  });

  it('is what pausing a connection means', async () => {
    expect((await call('POST', 'connections/mail/pause')).body).toMatchObject({ stopped: true });
    expect(at((await call('GET', 'sending')).body, 'stops')).toMatchObject([
      { scope: 'connection', target: 'mail' },
    ]);
    expect((await call('GET', 'connections/mail/health')).body).toMatchObject({
      state: 'ok',
      stopped: true,
    });
    expect((await call('POST', 'connections/mail/resume')).body).toMatchObject({ stopped: false });
    expect(await outbox()).toHaveLength(1);
  });

  it.each([
    [{ scope: 'workspace', target: 'x' }, 400],
    [{ scope: 'journey' }, 400],
    [{ scope: 'planet' }, 400],
    [{ scope: 'journey', target: 'nowhere' }, 404],
  ])('of %j is refused', async (target, status) => {
    expect((await call('POST', 'sending/stop', target)).status).toBe(status);
  });
});
