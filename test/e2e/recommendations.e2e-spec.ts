/**
 * Recommendations through the whole engine: orders counted by runs of refreshRecommendations on a real Temporal server, and shown in
 * a mail that names them. The worker dies before and after each commit.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { createBatchActivities, type BatchActivities } from '@throughline/activities';
import {
  ItemSchema,
  RecommendationSettingsSchema,
} from '@throughline/domain/recommendations/schemas';
import {
  askRefresh,
  putItems,
  putRecommendationSettings,
  readRecommendationSettings,
  readRefresh,
  type RecommendationRun,
} from '@throughline/store/recommendations';
import {
  recommendationsScheduleId,
  recommendationsWorkflowId,
} from '@throughline/workflows/contract';
import { countBaskets, publishModel } from '../../activities/src/recommend.js';
import { Log } from '../../apps/worker/src/log.js';
import { RecommendationsStarter } from '../../apps/worker/src/recommendations-starter.js';
import { track } from '../../store/src/ingestion/testing/lane-kit.js';
import { Engine } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { WELCOME } from '../support/races.js';
import { Shopper } from '../support/shopper.js';

const LIMIT_MS = 120_000;
const QUIET = { beat: () => undefined, signal: new AbortController().signal };
const SETTINGS = RecommendationSettingsSchema.parse({
  minSupport: 2,
  shrinkage: 1,
  everyHours: null,
});

describe('refreshRecommendations', () => {
  let engine: Engine;
  let starter: RecommendationsStarter;

  beforeAll(async () => {
    engine = await Engine.open();
    await engine.allUp();
    starter = newStarter();
    const { workspaceId } = engine;
    const items = ['tea', 'pot', 'bag'].map((id) => ItemSchema.parse({ id, name: `The ${id}` }));
    await engine.asOperator((client) => putItems(client, workspaceId, items));
    await put(SETTINGS);
    for (const who of ['a', 'b', 'c', 'd']) await order(who, 'tea', 'pot');
    for (const who of ['e', 'f', 'g', 'h', 'i', 'j']) await order(who, 'bag');
    await engine.caughtUp();
  }, LIMIT_MS);

  beforeEach(() => engine.allUp(), LIMIT_MS);
  afterEach(() => engine.stopWorkers(), LIMIT_MS);
  afterAll(() => engine.close(), LIMIT_MS);

  const activities = (): BatchActivities => createBatchActivities(engine.dependencies());

  function newStarter(): RecommendationsStarter {
    const { relayPool: pool, runs } = engine;
    const { client, batchQueue: taskQueue } = runs;
    const log = new Log('silent');
    return new RecommendationsStarter({ pool, client, taskQueue, publicUrl: 'http://x', log });
  }

  function put(settings: typeof SETTINGS): Promise<void> {
    return engine.asOperator((client) =>
      putRecommendationSettings(client, engine.workspaceId, settings),
    );
  }

  function order(userId: string, ...items: readonly string[]): Promise<number> {
    const products = items.map((product_id) => ({ product_id }));
    return engine.send(track('Order Completed', { userId }, { properties: { products } }));
  }

  function ask(): Promise<RecommendationRun> {
    const asked = { settings: SETTINGS, requestedBy: 'ops' };
    return engine.asOperator((client) => askRefresh(client, engine.workspaceId, asked));
  }

  const handleOf = ({ runId }: RecommendationRun) =>
    engine.runs.client.workflow.getHandle(recommendationsWorkflowId(engine.workspaceId, runId));

  async function finished(run: RecommendationRun): Promise<RecommendationRun | null> {
    await starter.pass();
    await handleOf(run).result();
    return read(run);
  }

  const read = ({ runId }: RecommendationRun): Promise<RecommendationRun | null> =>
    engine.asOperator((client) => readRefresh(client, engine.workspaceId, runId));

  const live = async (): Promise<string | null> => {
    const { workspaceId } = engine;
    const stored = await engine.asOperator((client) =>
      readRecommendationSettings(client, workspaceId),
    );
    return stored?.liveRunId ?? null;
  };

  it(
    'counts what was bought together, and the model answers from then on',
    async () => {
      await engine.runs.startBatchWorker(activities());
      const run = await ask();
      expect(await finished(run)).toMatchObject({ state: 'done', baskets: 10, items: 3, pairs: 2 });
      expect(await live()).toBe(run.runId);
    },
    LIMIT_MS,
  );

  it(
    'counts exactly although the worker dies before and after each commit',
    async () => {
      const deaths: string[] = [];
      const die = (where: string): never => {
        deaths.push(where);
        throw ApplicationFailure.create({ message: 'killed', type: 'Killed' });
      };
      const deps = { pool: engine.pool, now: Date.now };
      await engine.runs.startBatchWorker({
        ...activities(),
        countBaskets: async (ref) => {
          const { attempt } = Context.current().info;
          if (attempt === 1) die('before counting');
          const report = await countBaskets(deps, ref, QUIET);
          return attempt === 2 ? die('after counting') : report;
        },
        publishModel: async (ref) => {
          const { attempt } = Context.current().info;
          if (attempt === 1) die('before publishing');
          await publishModel(deps, ref);
          if (attempt === 2) die('after publishing');
        },
      });
      const run = await ask();
      expect(await finished(run)).toMatchObject({ state: 'done', baskets: 10, items: 3, pairs: 2 });
      expect(deaths).toEqual([
        'before counting',
        'after counting',
        'before publishing',
        'after publishing',
      ]);
      expect(await live()).toBe(run.runId);
      const rows = await engine.rows('select 1 from recommendation_pair where run_id = $1', [
        run.runId,
      ]);
      expect(rows).toHaveLength(2);
    },
    LIMIT_MS,
  );

  it(
    'leaves the old model in place where it is cancelled, and is begun again where its run was lost',
    async () => {
      const before = await live();
      const [cancelled, lost] = [await ask(), await ask()];
      await starter.pass();
      await handleOf(lost).terminate('lost');
      await newStarter().pass();
      await engine.runs.startBatchWorker({
        ...activities(),
        countBaskets: async (ref) => {
          if (ref.runId !== cancelled.runId) return activities().countBaskets(ref);
          await handleOf(cancelled).cancel();
          return Context.current().cancelled;
        },
      });
      await eventually(
        async () => {
          expect(await read(cancelled)).toMatchObject({ state: 'cancelled', baskets: null });
        },
        { deadlineMs: 60_000 },
      );
      expect(await finished(lost)).toMatchObject({ state: 'done' });
      expect(await live()).toBe(lost.runId);
      expect(before).not.toBe(lost.runId);
    },
    LIMIT_MS,
  );

  it(
    'keeps its schedule as the settings want it, and runs by it',
    async () => {
      const schedule = engine.runs.client.schedule.getHandle(
        recommendationsScheduleId(engine.workspaceId),
      );
      await put({ ...SETTINGS, everyHours: 12 });
      await starter.pass();
      expect((await schedule.describe()).spec.intervals).toMatchObject([{ every: 12 * 3_600_000 }]);
      const before = await live();
      await engine.runs.startBatchWorker(activities());
      await schedule.trigger();
      await eventually(
        async () => {
          expect(await live()).not.toBe(before);
        },
        { deadlineMs: 60_000 },
      );
      const [run] = await engine.rows<{ by: string; pairs: number }>(
        'select requested_by as by, pairs from recommendation_run where run_id = $1',
        [await live()],
      );
      expect(run).toEqual({ by: 'schedule', pairs: 2 });
      await put(SETTINGS);
      await starter.pass();
      await expect(schedule.describe()).rejects.toThrow(/not found/i);
    },
    LIMIT_MS,
  );

  it(
    'shows in a mail what its reader may like at that moment, and the mail is sent once',
    async () => {
      await engine.defineOutside();
      const text = '{% for item in recommendations limit: 1 %}Try {{ item.name }}.{% endfor %}';
      await engine.rows(
        `update definition set body = $2 where workspace_id = $1 and kind = 'template' and key = 'cart'`,
        [engine.workspaceId, JSON.stringify({ subject: 'For you', text })],
      );
      await engine.kit.publish('journey', WELCOME);
      await engine.runs.startBatchWorker(activities());
      await finished(await ask());
      const ada = new Shopper(engine);
      await engine.send(...ada.introduced());
      await order(ada.name, 'tea');
      await engine.send(ada.did('Signed Up'));
      await eventually(
        () => {
          expect(engine.mailsTo(ada.email)).toBe(1);
        },
        { deadlineMs: 30_000 },
      );
      const mail = engine.outside.mails.find(({ to }) => JSON.stringify(to).includes(ada.email));
      expect(mail?.text).toContain('Try The pot.');
    },
    LIMIT_MS,
  );
});
