import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { InternalEvent } from '@throughline/domain/ingestion';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { inWorkspace, newId, openPool } from '../shared/index.js';
import { createWorkspace } from '../workspaces/index.js';
import {
  appendBackfill,
  appendCommand,
  appendDefinitions,
  appendInternal,
  appendTick,
} from './append.js';

interface LogRow {
  readonly position: number;
  readonly clock: number;
  readonly kind: string;
  readonly events: number;
  readonly hop: number;
  readonly body: string | null;
}

describe('appending our own inputs', () => {
  let database: TestDatabase;
  let admin: pg.Pool;
  let app: pg.Pool;
  let engine: pg.Pool;
  let lane: pg.Pool;
  let workspaceId: string;
  let workspaces = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    admin = new pg.Pool({ connectionString: database.url, max: 4 });
    admin.on('error', () => undefined);
    app = openPool({ url: database.url, role: 'tl_app', max: 8 });
    engine = openPool({ url: database.url, role: 'tl_engine', max: 2 });
    lane = openPool({ url: database.url, role: 'tl_lane', max: 1 });
  });

  beforeEach(async () => {
    workspaces += 1;
    const made = await createWorkspace(app, { key: `shop-${workspaces}`, name: 'Shop' });
    workspaceId = made.workspaceId;
  });

  afterAll(async () => {
    await Promise.all([admin, app, engine, lane].map((pool) => pool.end()));
    await database.drop();
  });

  async function log(): Promise<LogRow[]> {
    const { rows } = await admin.query<LogRow>(
      'select position, clock, kind, events, hop, body from event_log where workspace_id = $1 order by position',
      [workspaceId],
    );
    return rows;
  }

  const command = (): Promise<number> =>
    inWorkspace(app, workspaceId, (client) => appendCommand(client, workspaceId, { kind: 'none' }));

  const internal = (hop: number): InternalEvent => ({
    messageId: newId(),
    type: 'identify',
    name: 'Profile Updated',
    customerId: newId(),
    at: 1_767_323_045_678,
    traits: { plan: 'pro' },
    hop,
  });

  it('gives each a row of its own kind, one position after the other', async () => {
    await inWorkspace(engine, workspaceId, (client) =>
      appendInternal(client, workspaceId, [internal(1)]),
    );
    await command();
    await inWorkspace(app, workspaceId, (client) => appendDefinitions(client, workspaceId));
    await appendTick(lane, workspaceId);
    await appendBackfill(lane, workspaceId, 3);
    expect((await log()).map(({ position, kind, events }) => [position, kind, events])).toEqual([
      [1, 'internal', 1],
      [2, 'command', 0],
      [3, 'definitions', 0],
      [4, 'tick', 0],
      [5, 'backfill', 0],
    ]);
    expect((await log()).map(({ body }) => body).slice(1)).toEqual([
      '{"kind":"none"}',
      null,
      null,
      '3',
    ]);
  });

  it('answers where an input stands', async () => {
    expect([await command(), await command(), await command()]).toEqual([1, 2, 3]);
  });

  it('writes events of one step as one row, as far from their trigger as the farthest', async () => {
    const events = [internal(2), internal(5), internal(1)];
    await inWorkspace(engine, workspaceId, (client) => appendInternal(client, workspaceId, events));
    const [row] = await log();
    expect(row).toMatchObject({ position: 1, events: 3, hop: 5 });
    expect(JSON.parse(row?.body ?? '')).toEqual(events);
  });

  it('writes nothing, and takes no lock, where there is no event', async () => {
    const holder = await admin.connect();
    try {
      await holder.query('begin');
      await holder.query('select 1 from lane_append where workspace_id = $1 for update', [
        workspaceId,
      ]);
      await inWorkspace(engine, workspaceId, (client) => appendInternal(client, workspaceId, []));
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    expect(await log()).toEqual([]);
  });

  it('leaves neither row nor hole where the transaction is rolled back', async () => {
    await command();
    const rolledBack = inWorkspace(app, workspaceId, async (client) => {
      expect(await appendCommand(client, workspaceId, { kind: 'none' })).toBe(2);
      throw new TypeError('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    expect(await command()).toBe(2);
    expect((await log()).map(({ position }) => position)).toEqual([1, 2]);
  });

  it('numbers many writers at once without a hole, and in the order of their clocks', async () => {
    const positions = await Promise.all(Array.from({ length: 60 }, command));
    expect([...positions].sort((a, b) => a - b)).toEqual(positions.map((_, index) => index + 1));
    const clocks = (await log()).map(({ clock }) => clock);
    expect(clocks).toEqual([...clocks].sort((a, b) => a - b));
  });

  it('shows a position only to whoever sees every lower one', async () => {
    const slow = await app.connect();
    try {
      await slow.query(`begin; set local throughline.workspace = '${workspaceId}'`);
      await appendCommand(slow, workspaceId, { kind: 'none' });
      const later = command();
      expect(await log()).toEqual([]);
      await slow.query('commit');
      expect(await later).toBe(2);
    } finally {
      slow.release();
    }
  });

  it('never turns the clock back, even when the server’s clock is set back', async () => {
    const { rows } = await admin.query<{ clock: number }>(
      `update lane_append set clock = date_trunc('milliseconds', clock_timestamp() + interval '1 hour')
        where workspace_id = $1 returning clock`,
      [workspaceId],
    );
    await command();
    await command();
    const future = rows[0]?.clock;
    expect((await log()).map(({ clock }) => clock)).toEqual([future, future]);
  });

  it('stamps whole milliseconds, as deadlines are compared, from the first clock of a lane on', async () => {
    const first = await admin.query<{ whole: boolean }>(
      `select clock = date_trunc('milliseconds', clock) as whole from lane_append where workspace_id = $1`,
      [workspaceId],
    );
    expect(first.rows).toEqual([{ whole: true }]);
    await command();
    const { rows } = await admin.query<{ whole: boolean }>(
      `select clock = date_trunc('milliseconds', clock) as whole from event_log where workspace_id = $1
       union all select clock = date_trunc('milliseconds', clock) from lane_append where workspace_id = $1`,
      [workspaceId],
    );
    expect(rows).toEqual([{ whole: true }, { whole: true }]);
  });

  it('dates the versions published in its transaction, and leaves those that have a date', async () => {
    const publish = (version: number): Promise<number> =>
      inWorkspace(app, workspaceId, async (client) => {
        await client.query(
          `insert into definition_version (workspace_id, kind, key, version, body, published_by)
           values ($1, 'segment', 'vip', $2, '{}', 'test')`,
          [workspaceId, version],
        );
        return appendDefinitions(client, workspaceId);
      });
    await command();
    await inWorkspace(app, workspaceId, (client) =>
      client.query(
        `insert into definition (workspace_id, kind, key, body) values ($1, 'segment', 'vip', '{}')`,
        [workspaceId],
      ),
    );
    const first = await publish(1);
    const second = await publish(2);
    const { rows } = await admin.query(
      'select version, live_position from definition_version where workspace_id = $1 order by version',
      [workspaceId],
    );
    expect(rows).toEqual([
      { version: 1, live_position: first },
      { version: 2, live_position: second },
    ]);
    expect([first, second]).toEqual([2, 3]);
  });

  it('cannot reach the log of another workspace', async () => {
    const other = await createWorkspace(app, { key: `rival-${workspaces}`, name: 'Rival' });
    const trespass = inWorkspace(app, other.workspaceId, (client) =>
      appendCommand(client, workspaceId, { kind: 'none' }),
    );
    await trespass.catch(() => undefined);
    expect(await log()).toEqual([]);
  });
});
