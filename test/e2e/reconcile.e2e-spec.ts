/**
 * Duplicates through the whole engine: customers compared by runs of reconcileIdentity on a real Temporal server, suggested for
 * review, merged by the lane. Workers die at every page, before and after its commit.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { createBatchActivities, type BatchActivities } from '@throughline/activities';
import { putSchedule, readRun, type ReconcileRun } from '@throughline/store/identity';
import {
  reconcileScheduleId,
  reconcileWorkflowId,
  type ReconcileReport,
} from '@throughline/workflows/contract';
import { matchCustomers, settleProposals } from '../../activities/src/reconcile.js';
import { Duplicates } from '../support/duplicates.js';
import { Engine } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { Haystack } from '../support/haystack.js';

const LIMIT_MS = 120_000;
const QUIET = { beat: () => undefined, signal: new AbortController().signal };
const MORE: ReconcileReport = {
  state: 'more',
  customers: 0,
  candidates: 0,
  proposed: 0,
  suggested: 0,
  merged: 0,
  skipped: 0,
};

describe('reconcileIdentity', () => {
  let engine: Engine;
  let shop: Duplicates;

  beforeAll(async () => {
    engine = await Engine.open();
    shop = new Duplicates(engine);
  }, LIMIT_MS);

  beforeEach(async () => {
    await engine.allUp();
    await engine.rows(
      'truncate customer, identifier, identity_suggestion, identity_difference, reconcile_proposal, reconcile_run',
    );
  }, LIMIT_MS);
  afterEach(() => engine.stopWorkers(), LIMIT_MS);
  afterAll(() => engine.close(), LIMIT_MS);

  const activities = (): BatchActivities => createBatchActivities(engine.dependencies());

  it(
    'suggests who is probably one person, and why, without touching anybody',
    async () => {
      const twice = await shop.arrive(1, 120);
      const customers = await shop.present();
      await engine.runs.startBatchWorker(activities());
      const run = await shop.finished(await shop.ask());
      expect(run).toMatchObject({ state: 'done', customers, merged: 0, skipped: 0 });
      expect(run.suggested).toBe(run.proposed);
      expect(run.suggested).toBeGreaterThan(0.9 * twice);
      expect(run.suggested).toBeLessThanOrEqual(twice);
      expect(run.compared).toEqual({
        firstName: 'given_name',
        lastName: 'family_name',
        birthday: 'date',
        'address.street': 'address',
        'address.city': 'town',
        'address.postalCode': 'postcode',
      });
      const open = await shop.suggestions();
      expect(open).toHaveLength(run.suggested);
      for (const { members, evidence, weakest, strongest } of open) {
        expect([...members].sort()).toEqual(members);
        expect(weakest).toBeLessThanOrEqual(strongest);
        expect(evidence[0]?.probability).toBe(strongest);
        expect(Object.keys(evidence[0]?.levels ?? {}).length).toBeGreaterThan(2);
      }
      expect(await shop.present()).toBe(customers);
    },
    LIMIT_MS,
  );

  it(
    'remembers what was decided: accepted become one, rejected and parted are never suggested again',
    async () => {
      await shop.arrive(2, 120);
      await engine.runs.startBatchWorker(activities());
      await shop.finished(await shop.ask());
      const open = await shop.suggestions();
      const large = open.find(({ members }) => members.length > 2);
      const [accepted, rejected] = open.filter(({ members }) => members.length === 2);
      if (large === undefined || accepted === undefined || rejected === undefined)
        throw new TypeError('no such suggestions');
      const before = await shop.present();
      await shop.decide(accepted, { kind: 'accepted' });
      await shop.decide(rejected, { kind: 'rejected' });
      await shop.decide(large, { kind: 'split', groups: [large.members.slice(0, 2)] });
      await expect(shop.decide(rejected, { kind: 'accepted' })).rejects.toThrow(/rejected/);
      expect(await shop.present()).toBe(before - 2);

      const again = await shop.finished(await shop.ask());
      expect(again.merged).toBe(0);
      const ids = (await shop.suggestions()).map(({ suggestionId }) => suggestionId).sort();
      const untouched = open.filter((one) => ![large, accepted, rejected].includes(one));
      // Three members parted into two and one: nothing of them is left to say.
      expect(ids).toEqual(untouched.map(({ suggestionId }) => suggestionId).sort());
    },
    LIMIT_MS,
  );

  it(
    'counts exactly although the worker dies twice at each page',
    async () => {
      const twice = await shop.arrive(3, 150);
      const deaths: string[] = [];
      const die = (where: string): never => {
        deaths.push(where);
        throw ApplicationFailure.create({ message: 'killed', type: 'Killed' });
      };
      // The first attempt dies before its commit, the second after it, the third finds out what there is left to do.
      const dying: BatchActivities = {
        ...activities(),
        matchCustomers: async (ref) => {
          const { attempt } = Context.current().info;
          const deps = { pool: engine.pool, customersPerPage: 50 };
          const beat = ({ customers }: ReconcileReport): void => {
            if (attempt === 1 && customers >= 100) die('while reading');
          };
          const report = await matchCustomers(deps, ref, { ...QUIET, beat });
          return attempt === 2 ? die('after matching') : report;
        },
        settleProposals: async (ref) => {
          const { attempt, activityId } = Context.current().info;
          if (attempt === 1) die(`before ${activityId}`);
          if (attempt > 2) return MORE;
          const deps = { pool: engine.pool, proposalsPerPage: 12 };
          const report = await settleProposals(deps, ref);
          return report.state === 'more' ? die(`after ${activityId}`) : report;
        },
      };
      await engine.runs.startBatchWorker(dying);
      const run = await shop.finished(await shop.ask({ autoAt: 0.999 }));
      const pages = Math.ceil(((run.proposed ?? 0) + 1) / 12);
      expect(deaths.slice(0, 2)).toEqual(['while reading', 'after matching']);
      expect(deaths.filter((where) => where.startsWith('before'))).toHaveLength(pages);
      expect(run.state).toBe('done');
      expect(run.suggested + run.merged).toBe(run.proposed);
      expect(run.proposed).toBeGreaterThan(0.9 * twice);
      expect(run.proposed).toBeLessThanOrEqual(twice);
      expect(run.merged).toBeGreaterThan(0);
      expect(run.suggested).toBeGreaterThan(0);

      const merged = await shop.suggestions('accepted');
      expect(merged).toHaveLength(run.merged);
      expect(await shop.suggestions()).toHaveLength(run.suggested);
      await engine.caughtUp();
      const commands = await engine.rows(
        `select 1 from event_log where workspace_id = $1 and kind = 'command' and body::jsonb ->> 'kind' = 'merge'
           and (body::jsonb -> 'customerIds' ->> 0) = any($2)`,
        [engine.workspaceId, merged.map(({ members }) => members[0])],
      );
      const joined = merged.reduce((sum, { members }) => sum + members.length - 1, 0);
      expect(commands).toHaveLength(joined);
      for (const { members } of merged) {
        const [row] = await engine.rows<{ n: number }>(
          'select count(*)::int as n from customer where customer_id = any($1) and merged_into is null',
          [members],
        );
        expect(row?.n).toBe(1);
      }
      const left = await engine.rows('select 1 from reconcile_proposal');
      expect(left).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'shows in a dry run what it would suggest, and suggests nothing',
    async () => {
      await shop.arrive(4, 60);
      await engine.runs.startBatchWorker(activities());
      const run = await shop.finished(await shop.ask({ dryRun: true, autoAt: 0.9 }));
      expect(run).toMatchObject({ state: 'done', suggested: 0, merged: 0 });
      expect(run.proposed).toBeGreaterThan(10);
      expect(run.preview).toHaveLength(Math.min(50, run.proposed ?? 0));
      expect(await shop.suggestions()).toEqual([]);
      expect(await engine.rows('select 1 from reconcile_proposal')).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'leaves out customers who have moved on since they were compared',
    async () => {
      await shop.arrive(5, 60);
      const run = await shop.ask();
      const { workspaceId } = engine;
      const ref = { workspaceId, runId: run.runId };
      const own = activities();
      await engine.runs.startBatchWorker({
        ...own,
        matchCustomers: async (of) => {
          const report = await own.matchCustomers(of);
          const [proposal] = await engine.rows<{ members: string[] }>(
            'select members from reconcile_proposal order by seq limit 1',
          );
          const [one = '', other = ''] = proposal?.members ?? [];
          await engine.kit.command({ kind: 'merge', customerIds: [one, other] });
          await engine.caughtUp();
          return report;
        },
      });
      const done = await shop.finished(run);
      expect(done.skipped).toBe(1);
      expect(done.suggested).toBe((done.proposed ?? 0) - 1);
      expect(ref.runId).toBe(done.runId);
    },
    LIMIT_MS,
  );

  it(
    'drops what earlier runs suggested and this one no longer finds',
    async () => {
      await shop.arrive(6, 60);
      await engine.runs.startBatchWorker(activities());
      await shop.finished(await shop.ask());
      const [first] = await shop.suggestions();
      await engine.rows(`update customer set traits = '{}' where customer_id = any($1)`, [
        first?.members,
      ]);
      await shop.finished(await shop.ask());
      const superseded = await shop.suggestions('superseded');
      expect(superseded.map(({ suggestionId }) => suggestionId)).toEqual([first?.suggestionId]);
    },
    LIMIT_MS,
  );

  it(
    'runs by a schedule that follows what the workspace wants, and names nobody to Temporal',
    async () => {
      await shop.arrive(7, 40);
      await engine.runs.startBatchWorker(activities());
      const { workspaceId } = engine;
      const wanted = { everyHours: 24, suggestAt: 0.9, autoAt: null, columns: {} };
      await engine.asOperator((client) => putSchedule(client, workspaceId, wanted));
      await shop.starter.pass();
      const schedule = engine.runs.client.schedule.getHandle(reconcileScheduleId(workspaceId));
      const told = await schedule.describe();
      expect(told.spec.intervals).toMatchObject([{ every: 24 * 3_600_000 }]);
      expect(told.policies.overlap).toBe('SKIP');
      await schedule.trigger();
      await eventually(
        async () => {
          const runs = await engine.rows('select state, requested_by from reconcile_run');
          expect(runs).toEqual([{ state: 'done', requested_by: 'schedule' }]);
        },
        { deadlineMs: 30_000 },
      );
      const { info } = await schedule.describe();
      const action = info.recentActions.at(-1)?.action;
      expect(action?.workflow.workflowId).toMatch(new RegExp(`^reconcile/${workspaceId}/`));
      const hay = new Haystack();
      const run = engine.runs.client.workflow.getHandle(action?.workflow.workflowId ?? '');
      hay.add('history', await run.fetchHistory());
      const [{ traits } = { traits: '' }] = await engine.rows<{ traits: string }>(
        `select traits -> 'lastName' ->> 'v' as traits from customer where traits -> 'lastName' ->> 'v' <> '' limit 1`,
      );
      expect(hay.find({ surname: traits })).toEqual([]);

      await engine.asOperator((client) =>
        putSchedule(client, workspaceId, { ...wanted, everyHours: 48 }),
      );
      await shop.starter.pass();
      expect((await schedule.describe()).spec.intervals).toMatchObject([{ every: 48 * 3_600_000 }]);
      await engine.asOperator((client) =>
        putSchedule(client, workspaceId, { ...wanted, everyHours: null }),
      );
      await shop.starter.pass();
      await expect(schedule.describe()).rejects.toThrow(/not found/i);
    },
    LIMIT_MS,
  );

  it(
    'ends where it is cancelled, and is begun again where its run was lost',
    async () => {
      await shop.arrive(8, 40);
      const [cancelled, lost] = [await shop.ask(), await shop.ask()];
      await shop.starter.pass();
      const { workspaceId } = engine;
      const handleOf = ({ runId }: ReconcileRun) =>
        engine.runs.client.workflow.getHandle(reconcileWorkflowId(workspaceId, runId));
      await handleOf(lost).terminate('lost');
      await shop.newStarter().pass();
      await engine.runs.startBatchWorker({
        ...activities(),
        matchCustomers: async (ref) => {
          if (ref.runId === cancelled.runId) {
            await handleOf(cancelled).cancel();
            await Context.current().cancelled;
          }
          return activities().matchCustomers(ref);
        },
      });
      expect(await shop.finished(lost)).toMatchObject({ state: 'done' });
      await eventually(
        async () => {
          const run = await engine.asOperator((client) =>
            readRun(client, workspaceId, cancelled.runId),
          );
          expect(run).toMatchObject({ state: 'cancelled', suggested: 0 });
        },
        { deadlineMs: 60_000 },
      );
    },
    LIMIT_MS,
  );
});
