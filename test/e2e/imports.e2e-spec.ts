/**
 * Files through the whole engine: staged, mapped by runs of ingestBatch on a real Temporal server, decided by the lane. Workers die
 * at every page, before and after its commit.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createBatchActivities, type BatchActivities } from '@throughline/activities';
import { cancelImport, type ImportPage } from '@throughline/store/ingestion';
import { importWorkflowId, type ImportRequest } from '@throughline/workflows/contract';
import { mapperOf } from '../../activities/src/import-mapper.js';
import { stageImportPages } from '../../activities/src/import-pages.js';
import { Haystack } from '../support/haystack.js';
import { ImportStarter } from '../../apps/worker/src/import-starter.js';
import { Log } from '../../apps/worker/src/log.js';
import { track } from '../../store/src/ingestion/testing/lane-kit.js';
import { Engine } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { CUSTOMERS, importOf, ORDERS, uploadFile } from '../support/till-file.js';

const LIMIT_MS = 120_000;
const DAY_MS = 86_400_000;

const QUIET = { beat: () => undefined, signal: new AbortController().signal };
const MORE = {
  state: 'more',
  rowsTotal: 0,
  rowsRead: 0,
  events: 0,
  rejected: 0,
  settled: 0,
} as const;

const BROWSED = {
  key: 'browsed',
  name: 'Browse abandonment',
  trigger: { kind: 'event', event: 'Product Viewed' },
  entry: { reentry: 'once' },
  start: 'wait',
  steps: {
    wait: {
      kind: 'waitFor',
      branches: [{ id: 'bought', on: { kind: 'event', event: 'Order Completed' }, next: 'bought' }],
      timeout: { after: { days: 3 }, next: 'nothing' },
    },
    bought: { kind: 'exit', reason: 'bought' },
    nothing: { kind: 'exit', reason: 'nothing' },
  },
  exits: [],
  goals: [],
  purpose: 'marketing',
  maxTriggerAge: { days: 3 },
};

const THANKS = {
  ...BROWSED,
  key: 'thanks',
  name: 'Thanks for an order',
  trigger: { kind: 'event', event: 'Order Completed' },
};

describe('a file', () => {
  let engine: Engine;
  let starter: ImportStarter;

  beforeAll(async () => {
    engine = await Engine.open();
    await engine.kit.publish('journey', BROWSED);
    await engine.kit.publish('journey', THANKS);
    starter = new ImportStarter({
      pool: engine.relayPool,
      client: engine.runs.client,
      taskQueue: engine.runs.batchQueue,
      publicUrl: 'http://127.0.0.1',
      log: new Log('silent'),
    });
  }, LIMIT_MS);

  beforeEach(() => engine.allUp(), LIMIT_MS);
  // Each test's batch worker is its own, and one queue has one.
  afterEach(() => engine.stopWorkers(), LIMIT_MS);

  afterAll(() => engine.close(), LIMIT_MS);

  const activities = (): BatchActivities => createBatchActivities(engine.dependencies());
  const finished = async (importId: string) => {
    await engine.runs.client.workflow.getHandle(importWorkflowId(importId)).result();
    return importOf(engine, importId);
  };
  const peopleCsv = (from: number, count: number): string =>
    `id,mail,first\n${Array.from({ length: count }, (_, index) => {
      const n = from + index;
      return `u-${n},P${n}@Example.com,ada ${n}`;
    }).join('\n')}\n`;
  const peopleFrom = async (prefix: string): Promise<number> => {
    const [row] = await engine.rows<{ n: number }>(
      `select count(*)::int as n from identifier where type = 'user_id' and value like $1 || '%'`,
      [prefix],
    );
    return row?.n ?? -1;
  };

  it(
    'of five thousand rows is applied exactly once although the worker dies twice at each page',
    async () => {
      const deaths: string[] = [];
      let calls = 0;
      const die = (where: string): never => {
        deaths.push(where);
        throw new TypeError('killed');
      };
      const dying: BatchActivities = {
        ...activities(),
        // One page a call. The first attempt dies before its commit, the second after it, the third only says that there is more.
        stageImportPages: async (request: ImportRequest) => {
          calls += 1;
          const attempt = ((calls - 1) % 3) + 1;
          const deps = {
            pool: engine.pool,
            now: pagewise(),
            mapperOf: (page: ImportPage) =>
              attempt === 1 ? die(`before ${page.seq}`) : mapperOf(page),
          };
          if (attempt > 2) return MORE;
          const report = await stageImportPages(deps, request, QUIET);
          return report.state === 'more' ? die(`after ${report.rowsRead / 1_000}`) : report;
        },
      };
      await engine.runs.startBatchWorker(dying);
      const staged = await uploadFile(engine, {
        mapping: CUSTOMERS,
        csv: peopleCsv(10_000, 5_000),
      });
      await starter.pass();
      expect(await finished(staged.importId)).toMatchObject({
        state: 'done',
        rowsRead: 5_000,
        events: 5_000,
        accepted: 5_000,
        duplicates: 0,
        quarantined: 0,
        rejected: 0,
      });
      const pages = [0, 1, 2, 3, 4];
      expect(deaths).toEqual(pages.flatMap((page) => [`before ${page}`, `after ${page}`]));
      expect(await peopleFrom('u-1')).toBe(5_000);
    },
    LIMIT_MS,
  );

  it(
    'goes on where it was when all workers are gone for a while',
    async () => {
      const staged = await uploadFile(engine, {
        mapping: CUSTOMERS,
        csv: peopleCsv(20_000, 2_000),
        rowsAPage: 100,
      });
      await engine.runs.startBatchWorker(activities());
      await starter.pass();
      await eventually(async () => {
        expect((await importOf(engine, staged.importId)).rowsRead).toBeGreaterThan(0);
      });
      await engine.stopWorkers();
      await engine.startWorkers();
      await engine.runs.startBatchWorker(activities());
      expect(await finished(staged.importId)).toMatchObject({
        state: 'done',
        rowsRead: 2_000,
        accepted: 2_000,
        duplicates: 0,
      });
      expect(await peopleFrom('u-2')).toBe(2_000);
    },
    LIMIT_MS,
  );

  it(
    'of a till ends the wait of who looked at shoes online, a day late, and starts nothing by itself',
    async () => {
      await engine.runs.startBatchWorker(activities());
      const twoDaysAgo = new Date(Date.now() - 2 * DAY_MS).toISOString();
      const aDayAgo = new Date(Date.now() - DAY_MS).toISOString();
      await engine.send(
        track(
          'Product Viewed',
          { anonymousId: 'browser-1' },
          {
            timestamp: twoDaysAgo,
            context: { traits: { email: 'shoes@example.com' } },
            properties: { product: 'shoes' },
          },
        ),
      );
      await eventually(async () => {
        expect(await engine.enrolments('browsed')).toMatchObject([{ state: 'active' }]);
      });
      const csv = `bon;mail;summe;zeit\nB-1; Shoes@Example.com ;"89,90";${aDayAgo}\n`;
      const staged = await uploadFile(engine, { mapping: ORDERS, csv });
      await starter.pass();
      expect(await finished(staged.importId)).toMatchObject({ accepted: 1, rejected: 0 });
      await eventually(async () => {
        expect(await engine.enrolments('browsed')).toMatchObject([
          { state: 'ended', outcome: 'exited:bought' },
        ]);
      });
      expect(await engine.enrolments('thanks')).toEqual([]);
      const orders = await engine.rows(
        `select body -> 'properties' as properties, event_time from event where name = 'Order Completed'`,
      );
      expect(orders).toEqual([
        {
          properties: { order_id: 'B-1', total: 89.9, currency: 'EUR' },
          event_time: Date.parse(aDayAgo),
        },
      ]);
    },
    LIMIT_MS,
  );

  it(
    'that is asked to starts journeys like events that come by the door',
    async () => {
      await engine.runs.startBatchWorker(activities());
      const csv = `bon;mail;summe;zeit\nB-2;new@example.com;1;${new Date().toISOString()}\n`;
      const staged = await uploadFile(engine, { mapping: ORDERS, csv, startJourneys: true });
      await starter.pass();
      await finished(staged.importId);
      await eventually(async () => {
        expect(await engine.enrolments('thanks')).toHaveLength(1);
      });
    },
    LIMIT_MS,
  );

  it(
    'that is ended, by a person or in Temporal, reads no further and says so',
    async () => {
      const [one, other] = [
        await uploadFile(engine, { mapping: CUSTOMERS, csv: peopleCsv(30_000, 300) }),
        await uploadFile(engine, { mapping: CUSTOMERS, csv: peopleCsv(31_000, 300) }),
      ];
      await engine.asOperator((client) => cancelImport(client, engine.workspaceId, one.importId));
      await starter.pass();
      const run = engine.runs.client.workflow.getHandle(importWorkflowId(other.importId));
      await run.cancel();
      await engine.runs.startBatchWorker(activities());
      await expect(run.result()).rejects.toThrow(/cancel/i);
      expect(await importOf(engine, one.importId)).toMatchObject({ state: 'cancelled', events: 0 });
      expect(await importOf(engine, other.importId)).toMatchObject({ state: 'cancelled' });
    },
    LIMIT_MS,
  );

  it(
    'whose run is gone gets another, and no payload of a run names a person',
    async () => {
      await engine.runs.startBatchWorker(activities());
      const staged = await uploadFile(engine, { mapping: CUSTOMERS, csv: peopleCsv(40_000, 10) });
      await engine.runs.client.workflow.start('ingestBatch', {
        workflowId: importWorkflowId(staged.importId),
        taskQueue: 'nobody-listens',
        args: [{ workspaceId: engine.workspaceId, importId: staged.importId }],
      });
      const run = engine.runs.client.workflow.getHandle(importWorkflowId(staged.importId));
      await run.terminate('lost');
      await starter.pass();
      expect(await finished(staged.importId)).toMatchObject({ state: 'done', accepted: 10 });
      const hay = new Haystack();
      hay.add('history', await run.fetchHistory());
      expect(hay.text('history')).toContain(staged.importId);
      expect(hay.find({ email: 'p40000@example.com', name: 'ada 40000' })).toEqual([]);
      const { typedSearchAttributes } = await run.describe();
      expect(typedSearchAttributes.get({ name: 'BatchId', type: 'KEYWORD' })).toBe(staged.importId);
    },
    LIMIT_MS,
  );
});

/** A clock that says at its second reading that the time is up. */
function pagewise(): () => number {
  let readings = 0;
  return () => {
    readings += 1;
    return readings === 1 ? 0 : Number.MAX_SAFE_INTEGER;
  };
}
