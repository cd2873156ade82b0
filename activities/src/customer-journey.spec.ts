/** The whole of a run: workflow and activities on a real Temporal server, over a real database, to a real mail server. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { eventually } from '../../test/support/eventually.js';
import { Haystack } from '../../test/support/haystack.js';
import { JourneyWorld, type Enrolled } from '../../store/src/journeys/testing/journey-world.js';
import { createActivities } from './index.js';
import {
  HOOK_JOURNEY,
  MAIL_JOURNEY,
  MAIL_THEN_WAIT,
  SHORT_WAIT,
  WAITING,
} from './testing/journeys.js';
import { OutsideKit } from './testing/outside-kit.js';
import { keepHistory } from './testing/keep-history.js';
import { RunKit } from './testing/run-kit.js';

describe('customerJourney', () => {
  let world: JourneyWorld;
  let outside: OutsideKit;
  let runs: RunKit;

  beforeAll(async () => {
    [world, outside, runs] = await Promise.all([
      JourneyWorld.create(),
      OutsideKit.open(),
      RunKit.open(),
    ]);
    for (const journey of [WAITING, SHORT_WAIT, MAIL_JOURNEY, MAIL_THEN_WAIT, HOOK_JOURNEY])
      await world.journey(journey);
    await define('connection', 'mail', {
      connector: 'smtp-email',
      settings: { host: '127.0.0.1', port: outside.smtpPort, from: 'Shop <shop@example.com>' },
    });
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    await define('connection', 'hook', {
      connector: 'webhook',
      settings: { url: outside.hookUrl },
    });
    await world.sql(
      `insert into connection_secret (workspace_id, connection_key, key_id, sealed) values ($1, 'hook', 'k', $2)`,
      Buffer.from(JSON.stringify({ secret })),
    );
    await define('template', 'cart', {
      subject: 'Your cart, {{ traits.name }}',
      html: '<p>{{ trigger.properties.cart_id }}</p>',
    });
    await runs.startWorkers(createActivities(outside.dependencies(world.engine)));
  }, 60_000);

  afterAll(async () => {
    await runs.close();
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

  interface Running extends Enrolled {
    readonly handle: WorkflowHandle;
    readonly email: string;
  }

  let people = 0;

  async function enrol(journey: string, ageMs = 0): Promise<Omit<Running, 'handle'>> {
    people += 1;
    const email = `ada${people}@example.com`;
    const customerId = await world.customer({ email, name: 'Ada' });
    await world.sql(
      `insert into consent (workspace_id, customer_id, purpose, channel, state, event_time, position, ordinal)
       values ($1, $2, 'marketing', 'email', 'granted', now(), 1, 0)`,
      customerId,
    );
    const run = await world.enrol({
      journey,
      customerId,
      clock: Date.now() - ageMs,
      properties: { cart_id: 'c1' },
    });
    return { ...run, email };
  }

  async function begin(journey: string, ageMs = 0): Promise<Running> {
    const run = await enrol(journey, ageMs);
    const { enrolmentId } = run;
    const handle = await runs.start({
      workspaceId: world.workspaceId,
      enrolmentId,
      journeyKey: journey,
    });
    return { ...run, handle };
  }

  const mailsTo = (email: string) =>
    outside.mails.filter(({ to }) => JSON.stringify(to).includes(email));

  async function atStep(run: Running, seq: number): Promise<void> {
    await eventually(async () => {
      expect(await world.enrolment(run)).toMatchObject({ seq });
    });
  }

  it('mails once when the cart was not bought, and says so everywhere', async () => {
    const run = await begin('short-wait');
    await eventually(async () => {
      await world.moveLane(Date.now());
      expect(mailsTo(run.email)).toHaveLength(1);
    });
    expect(await run.handle.result()).toBe('completed');
    const [mail] = mailsTo(run.email);
    expect(mail?.subject).toBe('Your cart, Ada');
    expect(mail?.text).toContain('c1');
    expect(mail?.headers.get('list')).toMatchObject({
      unsubscribe: { url: expect.stringContaining(`/u/${run.customerId}.marketing.email`) },
    });
    expect(await world.trail(run)).toEqual([
      'entered',
      'stepped wait',
      'waiting wait',
      'timed_out wait',
      'stepped mail',
      'sent mail',
      'stepped end',
      'ended end',
    ]);
    const description = await run.handle.describe();
    expect(description.typedSearchAttributes.get({ name: 'ExitReason', type: 'KEYWORD' })).toBe(
      'completed',
    );
    await keepHistory(run.handle, 'wait-timeout-mail-accepted');
  });

  it('ends without a mail when the order comes in time, woken by a signal', async () => {
    const run = await begin('waiting');
    await atStep(run, 1);
    const order = await world.happen({
      customerId: run.customerId,
      name: 'Order Completed',
      clock: Date.now(),
      properties: { cart_id: 'c1' },
    });
    await world.fire(run.enrolmentId, { branch: 'bought', ...order });
    await run.handle.signal('wake');
    expect(await run.handle.result()).toBe('completed');
    expect(mailsTo(run.email)).toEqual([]);
    await keepHistory(run.handle, 'wait-fired-ended');
  });

  it('finds the order that came before the run was there', async () => {
    const run = await enrol('waiting');
    await world.happen({
      customerId: run.customerId,
      name: 'Order Completed',
      clock: run.clock + 1,
      properties: { cart_id: 'c1' },
    });
    const handle = await runs.start({
      workspaceId: world.workspaceId,
      enrolmentId: run.enrolmentId,
      journeyKey: 'waiting',
    });
    expect(await handle.result()).toBe('completed');
    await keepHistory(handle, 'look-back-ended');
  });

  it('shows a waiting run by its search attributes', async () => {
    const run = await begin('waiting');
    await atStep(run, 1);
    await eventually(async () => {
      const { typedSearchAttributes } = await run.handle.describe();
      expect(typedSearchAttributes.get({ name: 'JourneyState', type: 'KEYWORD' })).toBe('waiting');
      expect(typedSearchAttributes.get({ name: 'CurrentStep', type: 'KEYWORD' })).toBe('wait');
      expect(typedSearchAttributes.get({ name: 'WaitUntil', type: 'DATETIME' })?.getTime()).toBe(
        run.clock + 3_600_000,
      );
    });
  });

  it('tries a receiver again that answers 503 twice, and has one effect', async () => {
    outside.statuses = [503, 503];
    const run = await begin('hook');
    expect(await run.handle.result()).toBe('completed');
    const calls = outside.hooks.filter(({ key }) => key.startsWith(run.enrolmentId));
    expect(calls).toHaveLength(3);
    expect(new Set(calls.map(({ key }) => key)).size).toBe(1);
    expect(calls[0]?.body).toMatchObject({ type: 'cart.abandoned', data: { cart: 'c1' } });
    const rows = await world.sql(
      'select state, attempts, response from delivery where workspace_id = $1 and enrolment_id = $2',
      run.enrolmentId,
    );
    expect(rows).toEqual([{ state: 'accepted', attempts: 3, response: { ok: true } }]);
    await keepHistory(run.handle, 'webhook-retried-accepted');
  });

  it('holds a run whose mail bounced for good, until an operator has it retried', async () => {
    outside.refusals = [550];
    const run = await begin('mail');
    await atStep(run, 2);
    expect(await world.enrolment(run)).toMatchObject({ state: 'held', held_reason: 'hard_bounce' });
    expect(await runs.operate(run.handle, 'resume')).toMatchObject({ accepted: false });
    expect(await runs.operate(run.handle, 'retryStep')).toMatchObject({ accepted: true });
    expect(await run.handle.result()).toBe('completed');
    expect(mailsTo(run.email)).toHaveLength(1);
    await keepHistory(run.handle, 'mail-bounced-held-retried');
  });

  describe('operators', () => {
    it('skip a wait, and the answer is the verdict of the step', async () => {
      const run = await begin('waiting');
      await atStep(run, 1);
      expect(await runs.operate(run.handle, 'skipWait', { step: 'wait', visit: 1 })).toEqual({
        accepted: true,
        state: 'delivering',
      });
      expect(await run.handle.result()).toBe('completed');
      expect(mailsTo(run.email)).toHaveLength(1);
      await keepHistory(run.handle, 'skip-wait');
    });

    it('are turned away by name of the step where the run is not', async () => {
      const run = await begin('waiting');
      await atStep(run, 1);
      await expect(
        runs.operate(run.handle, 'skipWait', { step: 'elsewhere' }),
      ).rejects.toMatchObject({ name: 'WorkflowUpdateFailedError' });
      await runs.operate(run.handle, 'forceExit', { reason: 'test' });
    });

    it('hold, resume and end a run', async () => {
      const run = await begin('waiting');
      await atStep(run, 1);
      expect(await runs.operate(run.handle, 'hold')).toEqual({ accepted: true, state: 'held' });
      expect(await runs.operate(run.handle, 'hold')).toEqual({ accepted: false, reason: 'held' });
      expect(await runs.operate(run.handle, 'resume')).toEqual({
        accepted: true,
        state: 'waiting',
      });
      expect(await runs.operate(run.handle, 'forceExit', { reason: 'enough' })).toEqual({
        accepted: true,
        state: 'ended',
      });
      expect(await run.handle.result()).toBe('exited:enough');
      await keepHistory(run.handle, 'hold-resume-force-exit');
    });
  });

  it('leaves by an exit when it is cancelled from outside', async () => {
    const run = await begin('waiting');
    await atStep(run, 1);
    await run.handle.cancel();
    expect(await run.handle.result()).toBe('exited:cancelled');
    expect(await world.enrolment(run)).toMatchObject({
      state: 'ended',
      outcome: 'exited:cancelled',
    });
    await keepHistory(run.handle, 'cancelled');
  });

  it('waits while sending is stopped and goes on with a wake', async () => {
    await world.sql(
      `insert into sending_stop (workspace_id, scope, target, stopped_by) values ($1, 'journey', 'mail', 'ops')`,
    );
    const run = await begin('mail');
    await eventually(async () => {
      const { typedSearchAttributes } = await run.handle.describe();
      expect(typedSearchAttributes.get({ name: 'JourneyState', type: 'KEYWORD' })).toBe('blocked');
    });
    expect(mailsTo(run.email)).toEqual([]);
    await world.sql('delete from sending_stop where workspace_id = $1');
    await run.handle.signal('wake');
    expect(await run.handle.result()).toBe('completed');
    expect(mailsTo(run.email)).toHaveLength(1);
    await keepHistory(run.handle, 'blocked-by-stop');
  });

  it('ends quietly when a newer run has taken the enrolment over, and nothing is sent twice', async () => {
    const run = await begin('waiting');
    await atStep(run, 1);
    await world.sql(
      'update enrolment set generation = 2 where workspace_id = $1 and enrolment_id = $2',
      run.enrolmentId,
    );
    await run.handle.signal('wake');
    expect(await run.handle.result()).toBe('superseded');
    expect(await world.enrolment(run)).toMatchObject({ state: 'active', seq: 1 });
    await keepHistory(run.handle, 'superseded');
  });

  it('survives a reset to its beginning without a second mail', async () => {
    const run = await begin('mail-then-wait');
    await eventually(() => {
      expect(mailsTo(run.email)).toHaveLength(1);
    });
    await atStep(run, 2);
    await eventually(async () => {
      const { typedSearchAttributes } = await run.handle.describe();
      expect(typedSearchAttributes.get({ name: 'JourneyState', type: 'KEYWORD' })).toBe('waiting');
    });
    const history = await run.handle.fetchHistory();
    const firstTask = history.events?.find(
      (event) => event.workflowTaskCompletedEventAttributes,
    )?.eventId;
    await runs.client.workflowService.resetWorkflowExecution({
      namespace: runs.client.options.namespace,
      workflowExecution: { workflowId: run.handle.workflowId },
      workflowTaskFinishEventId: firstTask ?? null,
      requestId: run.enrolmentId,
      reason: 'test',
    });
    const again = runs.client.workflow.getHandle(run.handle.workflowId);
    expect(await eventually(() => runs.operate(again, 'skipWait', { step: 'wait' }))).toMatchObject(
      { accepted: true },
    );
    expect(await again.result()).toBe('completed');
    expect(mailsTo(run.email)).toHaveLength(1);
  });

  it('turns the page of a long history, and the wait goes on with its deadline', async () => {
    const run = await begin('waiting');
    await atStep(run, 1);
    const first = (await run.handle.describe()).runId;
    await eventually(
      async () => {
        await run.handle.signal('wake');
        expect((await run.handle.describe()).runId).not.toBe(first);
      },
      { deadlineMs: 60_000, everyMs: 1 },
    );
    expect(await world.enrolment(run)).toMatchObject({ seq: 1, state: 'active' });
    expect(
      await eventually(() => runs.operate(run.handle, 'skipWait', { step: 'wait' })),
    ).toMatchObject({ accepted: true });
    expect(await run.handle.result()).toBe('completed');
    expect(mailsTo(run.email)).toHaveLength(1);
  }, 90_000);

  it('says nothing of the person in its history', async () => {
    const run = await begin('mail');
    await run.handle.result();
    const hay = new Haystack();
    hay.add('history', await run.handle.fetchHistory());
    expect(hay.find({ address: run.email, name: '"Ada"', subject: 'Your cart' })).toEqual([]);
    expect(JSON.stringify(outside.log)).not.toContain(run.email);
  });
});
