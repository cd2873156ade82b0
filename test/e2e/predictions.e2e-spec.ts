/**
 * Predictions through the whole engine: a history is learnt from by a run of scoreChurn on a real Temporal server, scores become
 * traits by the lane, who crosses a threshold is asked to stay, and exactly once, whatever dies in between.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { createBatchActivities, type BatchActivities } from '@throughline/activities';
import {
  ModelCardSchema,
  PredictionSchema,
  StoredModelSchema,
} from '@throughline/domain/prediction/schemas';
import { readLiveModel } from '@throughline/store/prediction';
import { predictionScheduleId } from '@throughline/workflows/contract';
import { advancePrediction } from '../../activities/src/predict.js';
import { scoreOf } from '../../activities/src/predict-score.js';
import { Engine } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { Predictor } from '../support/predictor.js';

const LIMIT_MS = 120_000;
const DAY_MS = 86_400_000;
const QUIET = { beat: () => undefined, signal: new AbortController().signal };
const CHURN = {
  key: 'churn',
  kind: 'churn',
  event: { name: 'Order Completed', amount: 'total' },
  horizonDays: 30,
  minRows: 100,
  gates: { doers: 20, nonDoers: 20 },
  schedule: null,
};
const AT_RISK = {
  key: 'at-risk',
  name: 'At risk',
  condition: { trait: 'churn_probability', op: 'gte', value: 0.7 },
};
const SAVE = {
  key: 'churn-save',
  name: 'Stay with us',
  trigger: { kind: 'segment', segment: 'at-risk', on: 'entered' },
  entry: { reentry: 'once' },
  start: 'done',
  steps: { done: { kind: 'exit', reason: 'asked' } },
  exits: [],
  goals: [],
  purpose: 'marketing',
  maxTriggerAge: { hours: 1 },
  messageExpiry: { hours: 6 },
};

describe('scoreChurn', () => {
  let engine: Engine;
  let shop: Predictor;

  beforeAll(async () => {
    engine = await Engine.open();
    shop = new Predictor(engine);
  }, LIMIT_MS);
  beforeEach(async () => {
    await engine.allUp();
    await engine.rows(
      `truncate customer, event, identifier, trait_change, segment_membership, segment_membership_change, enrolment,
         prediction_model, prediction_run, prediction_score, prediction_draft, prediction_schedule, definition, definition_version`,
    );
  }, LIMIT_MS);
  afterEach(() => engine.stopWorkers(), LIMIT_MS);
  afterAll(() => engine.close(), LIMIT_MS);

  const activities = (): BatchActivities => createBatchActivities(engine.dependencies());

  it(
    'tells those who leave from those who stay, why, and how sure it may be',
    async () => {
      const { ids, staying, leaving } = await shop.shop(400);
      await shop.publish('prediction', CHURN);
      await engine.runs.startBatchWorker(activities());
      const run = await shop.finished(await shop.ask('churn', 'train'));
      expect(run.gates.filter(({ ok }) => !ok)).toEqual([]);
      expect(run).toMatchObject({ state: 'done', scored: ids.length, changed: ids.length });
      const probability = await shop.trait('churn_probability');
      const mean = (of: readonly string[]): number =>
        of.reduce((sum, id) => sum + Number(probability.get(id)), 0) / of.length;
      expect(mean(leaving)).toBeGreaterThan(mean(staying) + 0.4);
      const live = await engine.asOperator((c) => readLiveModel(c, engine.workspaceId, 'churn'));
      expect(live).toMatchObject({ modelId: run.modelId, state: 'live', version: 1 });
      const { measures, baselineRecencyAuc } = ModelCardSchema.parse(live?.card);
      expect(measures.auc).toBeGreaterThan(0.7);
      expect(baselineRecencyAuc).toBeGreaterThan(0.5);
      expect(Object.keys(run.drift ?? {})).toContain('score');
    },
    LIMIT_MS,
  );

  it(
    'keeps with each score the numbers that make it again, exactly',
    async () => {
      const { ids } = await shop.shop(300);
      await shop.publish('prediction', CHURN);
      await engine.runs.startBatchWorker(activities());
      const run = await shop.finished(await shop.ask('churn', 'train'));
      const live = await engine.asOperator((c) => readLiveModel(c, engine.workspaceId, 'churn'));
      const stored = StoredModelSchema.parse(live?.parameters);
      const scoring = { stored, definition: PredictionSchema.parse(CHURN), at: run.snapshotAt };
      for (const customerId of ids.slice(0, 100)) {
        const [score] = await shop.scoresOf(customerId);
        const again = scoreOf(scoring, { customerId, features: score?.features ?? {} });
        expect(again.probability).toBe(score?.probability);
        expect(again.reasons).toEqual(score?.reasons);
      }
    },
    LIMIT_MS,
  );

  it(
    'starts the journey of whoever crosses the threshold once: not again at the next scores, nor by a merge',
    async () => {
      await shop.shop(300);
      await shop.publish('prediction', CHURN);
      await shop.publish('segment', AT_RISK);
      await shop.publish('journey', SAVE);
      await engine.runs.startBatchWorker(activities());
      await shop.finished(await shop.ask('churn', 'train'));
      const risky = [...(await shop.trait('churn_probability'))]
        .filter(([, value]) => Number(value) >= 0.7)
        .map(([id]) => id);
      expect(risky.length).toBeGreaterThan(10);
      const entered = async (): Promise<string[]> =>
        (await engine.enrolments('churn-save')).map((each) => each.subject_id).sort();
      expect(await entered()).toEqual(risky);

      // Ten days on everybody's numbers are others, and those at risk still are.
      const again = await shop.finished(await shop.ask('churn', 'score', Date.now() + 10 * DAY_MS));
      expect(again.changed).toBeGreaterThan(100);
      const still = await entered();
      expect(new Set(still).size).toBe(still.length);
      expect(still).toEqual(expect.arrayContaining(risky));

      const [one = '', other = ''] = risky;
      await engine.kit.command({ kind: 'merge', customerIds: [one, other] });
      await engine.caughtUp();
      await shop.finished(await shop.ask('churn', 'score', Date.now() + 11 * DAY_MS));
      const theirs = await engine.rows<{ customer_id: string }>(
        'select customer_id from enrolment where customer_id = any($1) order by customer_id',
        [[one, other]],
      );
      expect(theirs.map(({ customer_id: id }) => id)).toEqual([one, other]);
    },
    LIMIT_MS,
  );

  it(
    'scores everybody once although the worker dies before and after each page',
    async () => {
      const { ids } = await shop.shop(240);
      await shop.publish('prediction', CHURN);
      await shop.publish('segment', AT_RISK);
      await shop.publish('journey', SAVE);
      const deaths: string[] = [];
      const die = (where: string): never => {
        deaths.push(where);
        throw ApplicationFailure.create({ message: 'killed', type: 'Killed' });
      };
      const dying: BatchActivities = {
        ...activities(),
        trainPrediction: async (ref) => {
          const report = await activities().trainPrediction(ref);
          return Context.current().info.attempt === 1 ? die('after training') : report;
        },
        advancePrediction: async (ref) => {
          const { attempt, activityId } = Context.current().info;
          const deps = { pool: engine.pool, now: Date.now, customersPerPage: 60, pagesPerCall: 1 };
          if (attempt === 1) die(`before ${activityId}`);
          const report = await advancePrediction(deps, ref, QUIET);
          if (attempt === 2) die(`after ${activityId}`);
          return report;
        },
      };
      await engine.runs.startBatchWorker(dying);
      const run = await shop.finished(await shop.ask('churn', 'train'));
      expect(deaths.slice(0, 3)).toEqual(['after training', 'before advance#1', 'after advance#1']);
      expect(run).toMatchObject({ state: 'done', scored: ids.length, changed: ids.length });
      expect(await engine.rows('select 1 from prediction_model')).toHaveLength(1);
      const told = await engine.rows<{ n: number }>(
        `select count(*)::int as n from event where type = 'identify' group by customer_id`,
      );
      expect(told).toHaveLength(ids.length);
      expect(told.every(({ n }) => n === 1)).toBe(true);
      const risky = [...(await shop.trait('churn_probability'))]
        .filter(([, value]) => Number(value) >= 0.7)
        .map(([id]) => id);
      const asked = await engine.enrolments('churn-save');
      expect(asked.map(({ subject_id: id }) => id).sort()).toEqual(risky);
    },
    LIMIT_MS,
  );

  it(
    'refuses to learn of too little, and says of what',
    async () => {
      await shop.shop(40);
      await shop.publish('prediction', { ...CHURN, gates: {}, minRows: 100 });
      await engine.runs.startBatchWorker(activities());
      const run = await shop.finished(await shop.ask('churn', 'train'));
      expect(run).toMatchObject({ state: 'refused', scored: 0, modelId: null });
      const failed = run.gates.filter(({ ok }) => !ok).map(({ gate }) => gate);
      expect(failed).toEqual(expect.arrayContaining(['doers', 'rows']));
      expect(await shop.trait('churn_probability')).toEqual(new Map());
    },
    LIMIT_MS,
  );

  it(
    'measures as of a past day what came after it, and changes nobody',
    async () => {
      await shop.shop(300);
      await shop.publish('prediction', CHURN);
      await engine.runs.startBatchWorker(activities());
      const run = await shop.finished(
        await shop.ask('churn', 'backtest', Date.now() - 40 * DAY_MS),
      );
      expect(run).toMatchObject({ state: 'done', scored: 0, changed: 0, modelId: null });
      expect(ModelCardSchema.parse(run.card).measures.auc).toBeGreaterThan(0.6);
      expect(await engine.rows('select 1 from prediction_model')).toEqual([]);
      expect(await shop.trait('churn_probability')).toEqual(new Map());
    },
    LIMIT_MS,
  );

  it(
    'tells of a value what a customer will bring, and when',
    async () => {
      const { staying, leaving } = await shop.shop(300);
      const value = { ...CHURN, key: 'value', kind: 'value', gates: { buyers: 100 } };
      await shop.publish('prediction', value);
      await engine.runs.startBatchWorker(activities());
      const run = await shop.finished(await shop.ask('value', 'train'));
      expect(run).toMatchObject({ state: 'done', scored: 300 });
      const expected = await shop.trait('expected_value');
      const mean = (of: readonly string[]): number =>
        of.reduce((sum, id) => sum + Number(expected.get(id)), 0) / of.length;
      expect(mean(staying)).toBeGreaterThan(2 * mean(leaving));
      const [score] = await shop.scoresOf(staying[0] ?? '');
      expect(score?.value).toMatchObject({ rfm: expect.stringMatching(/^[1-5]{3}$/) });
      expect(score?.value?.low).toBeLessThanOrEqual(score?.value?.expected ?? 0);
      expect((await shop.trait('expected_next_order_at')).get(staying[0] ?? '')).toMatch(
        /^20\d\d-/,
      );
    },
    LIMIT_MS,
  );

  it(
    'runs by the schedule of what is published, and no longer once it is not',
    async () => {
      await shop.shop(300);
      await shop.publish('prediction', { ...CHURN, schedule: { everyHours: 24 } });
      await engine.runs.startBatchWorker(activities());
      await shop.starter.pass();
      const id = predictionScheduleId(engine.workspaceId, 'churn');
      const schedule = engine.runs.client.schedule.getHandle(id);
      const told = await schedule.describe();
      expect(told.spec.intervals).toMatchObject([{ every: DAY_MS }]);
      expect(told.policies.overlap).toBe('SKIP');
      await schedule.trigger();
      await eventually(
        async () => {
          const runs = await engine.rows('select state, requested_by from prediction_run');
          expect(runs).toEqual([{ state: 'done', requested_by: 'schedule' }]);
        },
        { deadlineMs: 30_000 },
      );
      await engine.rows(`update definition set state = 'stopped' where kind = 'prediction'`);
      await shop.starter.pass();
      await expect(schedule.describe()).rejects.toThrow(/not found/i);
    },
    LIMIT_MS,
  );
});
