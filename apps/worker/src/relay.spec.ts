/** The relay over a real database and a real Temporal, which goes away behind a door that the test opens and closes. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { claimOutbox } from '@throughline/store/journeys';
import { newId, openPool } from '@throughline/store/shared';
import { WAITING } from '../../../activities/src/testing/journeys.js';
import { JourneyWorld } from '../../../store/src/journeys/testing/journey-world.js';
import { eventually } from '../../../test/support/eventually.js';
import { recordPromise } from '../../../test/support/promises.js';
import { testTemporal } from '../../../test/support/temporal.js';
import { Log } from './log.js';
import { LEASE_MS, OutboxRelay } from './relay.js';
import { RECONNECT } from './temporal-link.js';

/** What the product promises once the process that was away is back. */
const GOAL_MS = 5_000;

/** A door in front of the server: closed, it hangs up on everybody. */
class Door {
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();
  port = 0;

  constructor(private readonly address: string) {}

  async open(): Promise<void> {
    const [host = '', port = ''] = this.address.split(':');
    const server = createServer((inside) => {
      const outside = connect(Number(port), host);
      for (const socket of [inside, outside]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.sockets.delete(socket);
          inside.destroy();
          outside.destroy();
        });
      }
      inside.pipe(outside).pipe(inside);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    this.server = server;
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

describe('the relay', () => {
  let world: JourneyWorld;
  let pool: ReturnType<typeof openPool>;
  let door: Door;
  let connection: Connection;
  let client: Client;
  let relay: OutboxRelay;

  beforeAll(async () => {
    world = await JourneyWorld.create();
    await world.journey(WAITING);
    pool = openPool({ url: world.url, role: 'tl_relay' });
    const { address, namespace } = testTemporal();
    door = new Door(address);
    await door.open();
    connection = await Connection.connect({
      address: `127.0.0.1:${door.port}`,
      channelArgs: RECONNECT,
    });
    client = new Client({ connection, namespace });
  });

  beforeEach(async () => {
    await world.sql('delete from outbox where workspace_id = $1');
    relay = new OutboxRelay({
      pool,
      client,
      taskQueue: `t${newId()}-journeys`,
      publicUrl: 'http://127.0.0.1',
      concurrency: 100,
      log: new Log('silent'),
    });
  });

  afterEach(() => relay.beforeApplicationShutdown());

  afterAll(async () => {
    await connection.close();
    await door.close();
    await pool.end();
    await world.close();
  });

  /** Wakes of runs that are not there: taken and done with. */
  async function putWakes(count: number): Promise<void> {
    await world.sql(
      `insert into outbox (workspace_id, enrolment_id, journey_key, kind)
       select $1, gen_random_uuid(), 'waiting', 'wake' from generate_series(1, $2::int)`,
      count,
    );
  }

  const drained = (deadlineMs: number): Promise<void> =>
    eventually(
      async () => {
        expect((await relay.backlog()).rows).toBe(0);
      },
      { deadlineMs },
    );

  it('deletes every row that it has carried, also those that are done while others are deleted', async () => {
    await putWakes(400);
    relay.onApplicationBootstrap();
    // A row that was forgotten would come back only when its lease has ended.
    await drained(LEASE_MS - 500);
    expect(relay.counts.failed).toBe(0);
  });

  it('takes over within five seconds what a process had claimed that died', async () => {
    await putWakes(20);
    const claimed = await claimOutbox(pool, { limit: 20, leaseMs: LEASE_MS });
    expect(claimed).toHaveLength(20);
    const startedAt = performance.now();
    relay.onApplicationBootstrap();
    await drained(GOAL_MS);
    recordPromise({
      promise: 'the relay goes on within 5 s after its process is back',
      held: true,
      detail: `rows of a dead process after ${(performance.now() - startedAt).toFixed(0)} ms`,
    });
  });

  it('goes on within five seconds after Temporal is back, however often a row had failed', async () => {
    await door.close();
    await putWakes(20);
    relay.onApplicationBootstrap();
    // Three rounds of failures: a pause that grew with every attempt would be long by now.
    await eventually(
      () => {
        expect(relay.counts.failed).toBeGreaterThanOrEqual(60);
      },
      { deadlineMs: 20_000 },
    );
    expect((await relay.backlog()).rows).toBe(20);
    await door.open();
    await drained(GOAL_MS);
  });

  it('starts a run once although its row is carried twice', async () => {
    const customerId = await world.customer();
    const { enrolmentId } = await world.enrol({
      journey: 'waiting',
      customerId,
      clock: Date.now(),
    });
    for (const kind of ['start', 'start'])
      await world.sql(
        `insert into outbox (workspace_id, enrolment_id, journey_key, kind) values ($1, $2, 'waiting', $3)`,
        enrolmentId,
        kind,
      );
    relay.onApplicationBootstrap();
    await drained(GOAL_MS);
    const runs: string[] = [];
    await eventually(async () => {
      runs.length = 0;
      const query = `WorkflowId = "journey/waiting/${enrolmentId}"`;
      for await (const { runId } of client.workflow.list({ query })) runs.push(runId);
      expect(runs).toHaveLength(1);
    });
    await client.workflow.getHandle(`journey/waiting/${enrolmentId}`).terminate();
  });
});
