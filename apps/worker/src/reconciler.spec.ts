/** Runs that are taken away from under us, on a real Temporal server: the relay brings new ones, and nobody gets a second mail. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { createActivities } from '@throughline/activities';
import { openPool } from '@throughline/store/shared';
import { MAIL_JOURNEY, MAIL_THEN_WAIT, WAITING } from '../../../activities/src/testing/journeys.js';
import { OutsideKit } from '../../../activities/src/testing/outside-kit.js';
import { RunKit } from '../../../activities/src/testing/run-kit.js';
import { JourneyWorld, type Enrolled } from '../../../store/src/journeys/testing/journey-world.js';
import { eventually } from '../../../test/support/eventually.js';
import { Log } from './log.js';
import { Reconciler, type Findings } from './reconciler.js';
import { OutboxRelay } from './relay.js';

type Pool = ReturnType<typeof openPool>;

describe('relay and reconciler', () => {
  let world: JourneyWorld;
  let outside: OutsideKit;
  let runs: RunKit;
  let pool: Pool;
  let relay: OutboxRelay;

  beforeAll(async () => {
    [world, outside, runs] = await Promise.all([
      JourneyWorld.create(),
      OutsideKit.open(),
      RunKit.open(),
    ]);
    for (const journey of [WAITING, MAIL_JOURNEY, MAIL_THEN_WAIT]) await world.journey(journey);
    const settings = { host: '127.0.0.1', port: outside.smtpPort, from: 'shop@example.com' };
    await define('connection', 'mail', { connector: 'smtp-email', settings });
    await define('template', 'cart', { subject: 'Your cart', text: 'It is waiting.' });
    await runs.startWorkers(createActivities(outside.dependencies(world.engine)));
    pool = openPool({ url: world.url, role: 'tl_relay' });
    relay = new OutboxRelay({
      pool,
      client: runs.client,
      taskQueue: `${runs.prefix}journeys`,
      publicUrl: 'http://127.0.0.1',
      concurrency: 10,
      log: new Log('silent'),
    });
    relay.onApplicationBootstrap();
  }, 60_000);

  beforeEach(() => world.sql(`update enrolment set state = 'ended' where workspace_id = $1`));

  afterAll(async () => {
    await relay.beforeApplicationShutdown();
    await runs.close();
    await pool.end();
    await outside.close();
    await world.close();
  }, 30_000);

  async function define(kind: string, key: string, body: object): Promise<void> {
    await world.sql(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, $2, $3, $4, 1, 'live')`,
      kind,
      key,
      JSON.stringify(body),
    );
  }

  let people = 0;

  async function put(run: Enrolled, journeyKey: string, kind: string): Promise<void> {
    await world.sql(
      'insert into outbox (workspace_id, enrolment_id, journey_key, kind) values ($1, $2, $3, $4)',
      run.enrolmentId,
      journeyKey,
      kind,
    );
  }

  interface Running extends Enrolled {
    readonly handle: WorkflowHandle;
    readonly email: string;
  }

  /** As the lane does: a row of its own and one in the outbox. */
  async function begin(journey: string): Promise<Running> {
    people += 1;
    const email = `bob${people}@example.com`;
    const customerId = await world.customer({ email });
    await world.sql(
      `insert into consent (workspace_id, customer_id, purpose, channel, state, event_time, position, ordinal)
       values ($1, $2, 'marketing', 'email', 'granted', now(), 1, 0)`,
      customerId,
    );
    const run = await world.enrol({
      journey,
      customerId,
      clock: Date.now(),
      properties: { cart_id: 'c1' },
    });
    await put(run, journey, 'start');
    const handle = runs.client.workflow.getHandle(`journey/${journey}/${run.enrolmentId}`);
    return { ...run, handle, email };
  }

  async function waiting(run: Running): Promise<void> {
    await eventually(async () => {
      const { status, typedSearchAttributes } = await run.handle.describe();
      expect(status.name).toBe('RUNNING');
      expect(typedSearchAttributes.get({ name: 'JourneyState', type: 'KEYWORD' })).toBe('waiting');
    });
  }

  function pass(afterRestore = false): Promise<Findings | null> {
    const reconciler = new Reconciler({
      relay: pool,
      engine: world.engine,
      client: runs.client,
      afterRestore,
      log: new Log('silent'),
      quietMs: 0,
    });
    return reconciler.pass();
  }

  const mailsTo = (email: string) =>
    outside.mails.filter(({ to }) => JSON.stringify(to).includes(email));

  describe('the relay', () => {
    it('starts a run that a person can read about', async () => {
      const run = await begin('waiting');
      await waiting(run);
      const { typedSearchAttributes, staticSummary } = await described(run);
      expect(staticSummary).toBe(`waiting v1 · customer ${run.customerId.slice(-8)}`);
      expect(typedSearchAttributes.get({ name: 'JourneyKey', type: 'KEYWORD' })).toBe('waiting');
      expect(typedSearchAttributes.get({ name: 'CustomerRef', type: 'KEYWORD' })).toBe(
        run.customerId,
      );
    });

    async function described(run: Running) {
      const description = await run.handle.describe();
      return {
        typedSearchAttributes: description.typedSearchAttributes,
        staticSummary: await description.staticSummary(),
      };
    }

    it('starts one run although the row is there twice, also after it has ended', async () => {
      const run = await begin('mail');
      await put(run, 'mail', 'start');
      expect(await eventually(() => run.handle.result())).toBe('completed');
      await put(run, 'mail', 'start');
      await emptied(run);
      expect(mailsTo(run.email)).toHaveLength(1);
    });

    it('keeps a wake behind its start, and drops one for a run that has ended', async () => {
      const run = await begin('waiting');
      const order = await world.happen({
        customerId: run.customerId,
        name: 'Order Completed',
        clock: Date.now(),
        properties: { cart_id: 'c1' },
      });
      await put(run, 'waiting', 'wake');
      expect(order.position).toBeGreaterThan(0);
      expect(await eventually(() => run.handle.result())).toBe('completed');
      await put(run, 'waiting', 'wake');
      await emptied(run);
    });

    async function emptied(run: Enrolled): Promise<void> {
      await eventually(async () => {
        expect(
          await world.sql(
            'select 1 from outbox where workspace_id = $1 and enrolment_id = $2',
            run.enrolmentId,
          ),
        ).toEqual([]);
      });
    }
  });

  describe('the reconciler', () => {
    it('leaves a run alone that is well', async () => {
      const run = await begin('waiting');
      await waiting(run);
      expect(await pass()).toEqual({ looked: 1, restarted: 0, held: 0, woken: 0 });
    });

    it.each<[string, (handle: WorkflowHandle) => Promise<unknown>]>([
      ['terminated', (handle) => handle.terminate('test')],
      ['deleted', (handle) => remove(handle)],
    ])('begins a run anew that was %s, and the person gets no second mail', async (_name, take) => {
      const run = await begin('mail-then-wait');
      await waiting(run);
      await take(run.handle);
      await eventually(async () => {
        expect(await pass()).toMatchObject({ restarted: 1 });
      });
      await waiting(run);
      expect(await world.enrolment(run)).toMatchObject({ generation: 2, state: 'active' });
      expect(await runs.operate(run.handle, 'skipWait', { step: 'wait' })).toMatchObject({
        accepted: true,
      });
      expect(await run.handle.result()).toBe('completed');
      expect(mailsTo(run.email)).toHaveLength(1);
    });

    async function remove(handle: WorkflowHandle): Promise<void> {
      await runs.client.workflowService.deleteWorkflowExecution({
        namespace: runs.client.options.namespace,
        workflowExecution: { workflowId: handle.workflowId },
      });
      await eventually(async () => {
        await expect(handle.describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
      });
    }

    it('holds a missing run after a declared restore, and begins it anew when a person says so', async () => {
      const run = await begin('waiting');
      await waiting(run);
      await remove(run.handle);
      expect(await pass(true)).toMatchObject({ held: 1 });
      expect(await world.enrolment(run)).toMatchObject({
        state: 'held',
        held_reason: 'run_missing_after_restore',
      });
      expect(await pass(true)).toMatchObject({ held: 0, restarted: 0 });
      const asked = await world.ask(run.enrolmentId, 'resume');
      expect(await pass(true)).toMatchObject({ restarted: 1 });
      await eventually(async () => {
        expect(await world.verdict(asked)).toEqual({ accepted: true, state: 'waiting' });
      });
    });

    it('holds an enrolment whose run knew more than the store', async () => {
      const run = await begin('mail-then-wait');
      await waiting(run);
      await run.handle.terminate('test');
      await world.sql(
        'update enrolment set seq = 1 where workspace_id = $1 and enrolment_id = $2',
        run.enrolmentId,
      );
      expect(await pass()).toMatchObject({ held: 1, restarted: 0 });
      expect(await world.enrolment(run)).toMatchObject({ state: 'held', held_reason: 'run_ahead' });
      expect(mailsTo(run.email)).toHaveLength(1);
    });

    it('holds an enrolment that is open although its run has completed', async () => {
      const run = await begin('mail');
      expect(await eventually(() => run.handle.result())).toBe('completed');
      await world.sql(
        `update enrolment set state = 'active' where workspace_id = $1 and enrolment_id = $2`,
        run.enrolmentId,
      );
      expect(await pass()).toMatchObject({ held: 1 });
      expect(await world.enrolment(run)).toMatchObject({ held_reason: 'run_completed' });
    });

    it('lets one process at a time do this', async () => {
      const guard = await world.admin.connect();
      await guard.query('select pg_advisory_lock(7301, 3)');
      expect(await pass()).toBeNull();
      await guard.query('select pg_advisory_unlock(7301, 3)');
      guard.release();
      expect(await pass()).not.toBeNull();
    });
  });
});
