/** Many rows at once, against the real Temporal server: none may be forgotten behind its lease. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { openPool } from '@throughline/store/shared';
import { JourneyWorld } from '../../../store/src/journeys/testing/journey-world.js';
import { eventually } from '../../../test/support/eventually.js';
import { testTemporal } from '../../../test/support/temporal.js';
import { Log } from './log.js';
import { OutboxRelay } from './relay.js';

const ROWS = 300;
/** Well below the lease, after which a forgotten row would be carried once more. */
const DEADLINE_MS = 15_000;

describe('the relay', () => {
  let world: JourneyWorld;
  let connection: Connection;
  let pool: ReturnType<typeof openPool>;
  let relay: OutboxRelay;

  beforeAll(async () => {
    const { address, namespace } = testTemporal();
    [world, connection] = await Promise.all([
      JourneyWorld.create(),
      Connection.connect({ address }),
    ]);
    pool = openPool({ url: world.url, role: 'tl_relay' });
    relay = new OutboxRelay({
      pool,
      client: new Client({ connection, namespace }),
      taskQueue: 'nobody-works-here',
      publicUrl: 'http://127.0.0.1',
      concurrency: 20,
      log: new Log('silent'),
    });
  }, 60_000);

  afterAll(async () => {
    await relay.beforeApplicationShutdown();
    await pool.end();
    await connection.close();
    await world.close();
  });

  it('deletes every row that is done, also those that are done while others are being deleted', async () => {
    const enrolments = Array.from({ length: ROWS }, () => randomUUID());
    await world.sql(
      `insert into outbox (workspace_id, enrolment_id, journey_key, kind) select $1, id, 'gone', 'wake' from unnest($2::uuid[]) as id`,
      enrolments,
    );
    relay.onApplicationBootstrap();
    await eventually(
      async () => {
        expect(await world.sql('select 1 from outbox where workspace_id = $1')).toEqual([]);
      },
      { deadlineMs: DEADLINE_MS },
    );
    expect(relay.counts).toEqual({ started: 0, woken: 0, failed: 0 });
  }, 30_000);
});
