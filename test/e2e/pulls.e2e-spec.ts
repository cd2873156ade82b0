/** A table of somebody else's database, read on a schedule by real runs: every row once, whatever dies and however late it was committed. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ScheduleNotFoundError } from '@temporalio/client';
import { createBatchActivities } from '@throughline/activities';
import type { JsonObject } from '@throughline/domain/shared';
import { importWorkflowId, pullScheduleId } from '@throughline/workflows/contract';
import {
  openPullReader,
  readPullState,
  requestPull,
  type PullReader,
} from '@throughline/store/ingestion';
import { pullPages } from '../../activities/src/pull-pages.js';
import { ImportStarter } from '../../apps/worker/src/import-starter.js';
import { Log } from '../../apps/worker/src/log.js';
import { PullSchedules } from '../../apps/worker/src/pull-schedules.js';
import { Engine } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { live, livePull, sourceServer } from '../support/pull-source.js';
import { importOf } from '../support/till-file.js';

const LIMIT_MS = 120_000;
const NOT_KILLED = { beat: () => undefined, signal: new AbortController().signal };

const MAPPING = {
  key: 'members',
  target: 'customers',
  fields: [
    { to: 'user_id', from: { path: 'id' }, casts: [{ cast: 'text' }] },
    { to: 'email', from: { path: 'mail' }, normalise: ['email'], level: 'omit' },
    { to: 'first_name', from: { path: 'name' }, level: 'allow' },
  ],
};

describe('a pull', () => {
  let engine: Engine;
  let starter: ImportStarter;
  let schedules: PullSchedules;

  beforeAll(async () => {
    engine = await Engine.open();
    const common = {
      pool: engine.relayPool,
      client: engine.runs.client,
      taskQueue: engine.runs.batchQueue,
      log: new Log('silent'),
    };
    starter = new ImportStarter({ ...common, publicUrl: 'http://127.0.0.1' });
    schedules = new PullSchedules(common);
    engine.startLanes();
    await engine.runs.startBatchWorker(createBatchActivities(engine.dependencies()));
    await live(engine, { kind: 'mapping', key: 'members', body: MAPPING });
  }, LIMIT_MS);
  afterAll(() => engine.close(), LIMIT_MS);

  /** A live pull of a table of its own with this many rows, whose times come in ties of seven. */
  async function pullOf(key: string, count: number, more: JsonObject = {}) {
    await engine.rows(
      `create table ${key} (id bigint primary key, mail text, name text, secret text, changed timestamptz)`,
    );
    await engine.rows(
      `insert into ${key} select n, 'M' || n || '@${key}.example', 'Name ' || n, 'secret', '2026-01-01'::timestamptz + (n / 7) * interval '1 min'
         from generate_series(1, $1::int) n`,
      [count],
    );
    return livePull(engine, { key, mapping: 'members', columns: ['mail', 'name'], more });
  }

  const state = (key: string) =>
    engine.asOperator((client) => readPullState(client, engine.workspaceId, key));
  const peopleOf = async (key: string): Promise<number> => {
    const [row] = await engine.rows<{ n: number }>(
      `select count(*)::int as n from identifier where type = 'email' and value like '%@' || $1 || '.example'`,
      [key],
    );
    return row?.n ?? -1;
  };
  async function imported(importId: string | null) {
    if (importId === null) throw new TypeError('there was something to import');
    await starter.pass();
    await engine.runs.client.workflow.getHandle(importWorkflowId(importId)).result();
    return importOf(engine, importId);
  }

  it(
    'reads every row once although it dies after every page, and then only what is new',
    async () => {
      const request = await pullOf('clients', 95);
      let deaths = 0;
      const dying = {
        ...NOT_KILLED,
        beat: () => {
          deaths += 1;
          throw new TypeError('killed');
        },
      };
      for (let page = 1; page <= 5; page += 1)
        await expect(pullPages(engine.dependencies(), request, dying)).rejects.toThrow('killed');
      expect(deaths).toBe(5);
      const first = await pullPages(engine.dependencies(), request, NOT_KILLED);
      expect(first).toMatchObject({ state: 'over', rows: 95 });
      expect(await imported(first.importId)).toMatchObject({ accepted: 95, duplicates: 0 });
      expect(await peopleOf('clients')).toBe(95);
      // One changed, one was committed late, before the cursor but within the overlap.
      await engine.rows(
        `update clients set name = 'New', changed = changed + interval '1 hour' where id = 3`,
      );
      await engine.rows(
        `insert into clients values (500, 'late@clients.example', 'Late', '', (select max(changed) from clients where id <> 3) - interval '1 min')`,
      );
      const next = await pullPages(engine.dependencies(), request, NOT_KILLED);
      const outcome = await imported(next.importId);
      expect([outcome.accepted, outcome.rejected]).toEqual([2, 0]);
      expect(outcome.duplicates).toBe(next.rows - 2);
      expect(await peopleOf('clients')).toBe(96);
      expect(await state('clients')).toMatchObject({ importId: null, error: null });
      const seen = await engine.rows(`select 1 from event where body::text like '%secret%'`);
      expect(seen).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'is run by a schedule of its own, which ends with it',
    async () => {
      const request = await pullOf('guests', 10);
      await schedules.pass();
      const handle = engine.runs.client.schedule.getHandle(
        pullScheduleId(request.workspaceId, 'guests'),
      );
      const described = await handle.describe();
      expect(described.spec.intervals).toMatchObject([{ every: 3_600_000 }]);
      expect(described.policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 600_000 });
      expect(described.spec.jitter).toBe(15_000);
      await engine.asOperator((client) => requestPull(client, request.workspaceId, 'guests'));
      await schedules.pass();
      await eventually(
        async () => {
          await starter.pass();
          expect(await peopleOf('guests')).toBe(10);
        },
        { deadlineMs: 60_000 },
      );
      const often = { ...(await bodyOf('guests')), schedule: { cron: '5 4 * * *' } };
      await live(engine, { kind: 'pull', key: 'guests', body: often, version: 2 });
      await schedules.pass();
      expect((await handle.describe()).spec.calendars).toHaveLength(1);
      expect(await state('guests')).toMatchObject({ scheduledVersion: 2 });
      await engine.rows(
        `update definition set archived_at = now() where kind = 'pull' and key = 'guests'`,
      );
      await schedules.pass();
      await expect(handle.describe()).rejects.toThrow(ScheduleNotFoundError);
      expect(await state('guests')).toMatchObject({ scheduledVersion: null });
    },
    LIMIT_MS,
  );

  async function bodyOf(key: string): Promise<object> {
    const rows = await engine.rows<{ body: object }>(
      `select body from definition where kind = 'pull' and key = $1`,
      [key],
    );
    return rows[0]?.body ?? {};
  }

  it(
    'that the source refuses says why and is not tried again; one that is away is',
    async () => {
      const refused = await pullOf('gone', 1, { table: 'no_such_table' });
      await expect(pullPages(engine.dependencies(), refused, NOT_KILLED)).rejects.toMatchObject({
        nonRetryable: true,
        message: 'source_refused:42P01',
      });
      expect(await state('gone')).toMatchObject({ error: 'source_refused:42P01' });
      const away = await pullOf('away', 1, { connection: { ...sourceServer(engine), port: 1 } });
      await expect(pullPages(engine.dependencies(), away, NOT_KILLED)).rejects.toMatchObject({
        nonRetryable: false,
        message: 'source_unreachable',
      });
      const guarded = { ...engine.dependencies() };
      const context = {
        ...guarded.context,
        egress: {
          ...guarded.context.egress,
          resolveChecked: () =>
            Promise.resolve({ allowed: false as const, reason: 'private_address' as const }),
        },
      };
      await expect(pullPages({ ...guarded, context }, away, NOT_KILLED)).rejects.toThrow(
        'host_refused:private_address',
      );
      const unmapped = { ...(await bodyOf('away')), mapping: 'nothing' };
      await live(engine, { kind: 'pull', key: 'away', body: unmapped, version: 2 });
      await expect(pullPages(engine.dependencies(), away, NOT_KILLED)).rejects.toThrow(
        'mapping_not_live',
      );
      const nobody = { ...away, pullKey: 'nobody' };
      expect(await pullPages(engine.dependencies(), nobody, NOT_KILLED)).toMatchObject({ rows: 0 });
    },
    LIMIT_MS,
  );

  it('cannot write, even where its role could', async () => {
    const { password } = new URL(engine.kit.url);
    const address = sourceServer(engine).host;
    const reader: PullReader = await openPullReader({ ...sourceServer(engine), address, password });
    await engine.rows(
      `create function spill() returns timestamptz language sql as $$ insert into clients values (9999); select now() $$`,
    );
    await engine.rows(`create view leaky as select 1 as id, spill() as changed`);
    const table = {
      schema: 'public',
      table: 'leaky',
      columns: null,
      cursor: 'changed',
      primaryKey: 'id',
      pageSize: 1,
    };
    await expect(reader.page(table, { kind: 'first' })).rejects.toMatchObject({ code: '25006' });
    await reader.close();
  });
});
