import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inWorkspace, openPool } from '../shared/index.js';
import { readOperatorVerdict, recordOperatorRequest } from './operator-requests.js';
import type { RelayPool } from './outbox.js';
import {
  holdEnrolment,
  listOpenEnrolments,
  listWorkspaces,
  restartRun,
  wakeForgotten,
  wakeJourney,
} from './reconcile.js';
import { CART, MAIL_ONLY } from './testing/definitions.js';
import { HOUR, JourneyWorld, type Enrolled } from './testing/journey-world.js';

describe('reconciling', () => {
  let world: JourneyWorld;
  let relay: RelayPool;

  beforeAll(async () => {
    world = await JourneyWorld.create();
    relay = openPool({ url: world.url, role: 'tl_relay' });
    await world.journey(CART);
    await world.journey(MAIL_ONLY);
  });

  beforeEach(async () => {
    await world.sql('delete from outbox where workspace_id = $1');
    await world.sql('delete from delivery where workspace_id = $1');
    await world.sql('delete from wait where workspace_id = $1');
    await world.sql('delete from enrolment where workspace_id = $1');
    await world.journeyState('cart', 'live');
  });

  afterAll(async () => {
    await relay.end();
    await world.close();
  });

  async function enter(journey = 'cart'): Promise<Enrolled> {
    const run = await world.enrol({
      journey,
      customerId: await world.customer(),
      clock: Date.now(),
      properties: { cart_id: 'c1' },
    });
    await world.step(run, 1);
    return run;
  }

  const seen = (run: Enrolled, seq = 1, generation = 1) => ({
    workspaceId: world.workspaceId,
    enrolmentId: run.enrolmentId,
    generation,
    seq,
  });
  const outbox = () =>
    world.sql(
      'select enrolment_id, kind, generation from outbox where workspace_id = $1 order by outbox_id',
    );

  it('lists open enrolments page by page, and leaves those alone that have just changed', async () => {
    const runs = [await enter(), await enter(), await enter()]
      .map(({ enrolmentId }) => enrolmentId)
      .sort();
    const page = { workspaceId: world.workspaceId, after: null, limit: 2, quietMs: -1_000 };
    const first = await listOpenEnrolments(world.engine, page);
    expect(first.map(({ enrolmentId }) => enrolmentId)).toEqual(runs.slice(0, 2));
    expect(first[0]).toMatchObject({
      journeyKey: 'cart',
      state: 'active',
      generation: 1,
      seq: 1,
      asked: false,
    });
    const rest = await listOpenEnrolments(world.engine, { ...page, after: runs[1] ?? null });
    expect(rest.map(({ enrolmentId }) => enrolmentId)).toEqual(runs.slice(2));
    expect(await listOpenEnrolments(world.engine, { ...page, quietMs: HOUR })).toEqual([]);
    expect(await listWorkspaces(relay)).toEqual([world.workspaceId]);
  });

  it('begins a run anew with a raised generation, once', async () => {
    const run = await enter();
    const both = await Promise.all([
      restartRun(world.engine, seen(run)),
      restartRun(world.engine, seen(run)),
    ]);
    expect(both.sort()).toEqual([false, true]);
    expect(await outbox()).toEqual([
      { enrolment_id: run.enrolmentId, kind: 'restart', generation: 2 },
      { enrolment_id: run.enrolmentId, kind: 'wake', generation: 2 },
    ]);
    await expect(world.step(run, 2, 1)).rejects.toMatchObject({ code: 'superseded' });
    expect(await world.step(run, 1, 2)).toMatchObject({ kind: 'wait', seq: 1 });
  });

  it('does nothing to a run that has moved on or ended since it was looked at', async () => {
    const run = await enter();
    expect(await restartRun(world.engine, seen(run, 0))).toBe(false);
    expect(await holdEnrolment(world.engine, seen(run, 0), 'run_ahead')).toBe(false);
    await world.requestExit(run.enrolmentId, { reason: 'x' });
    await world.step(run, 2);
    expect(await restartRun(world.engine, seen(run, 2))).toBe(false);
    expect(await outbox()).toEqual([]);
  });

  it('holds a run with the reason, and whatever still ran of it is shut out', async () => {
    const run = await enter();
    expect(await holdEnrolment(world.engine, seen(run), 'run_ahead')).toBe(true);
    expect(await world.enrolment(run)).toMatchObject({
      state: 'held',
      held_reason: 'run_ahead',
      generation: 2,
    });
    await expect(world.step(run, 2, 1)).rejects.toMatchObject({ code: 'superseded' });
  });

  it('says that an operator has asked something of a held run', async () => {
    const run = await enter();
    await holdEnrolment(world.engine, seen(run), 'run_completed');
    const request = {
      ...seen(run),
      requestId: 'r1',
      kind: 'resume',
      args: {},
      actor: 'ops',
    } as const;
    await recordOperatorRequest(world.engine, request);
    await recordOperatorRequest(world.engine, request);
    expect(await readOperatorVerdict(world.engine, request)).toBeNull();
    const [found] = await listOpenEnrolments(world.engine, {
      workspaceId: world.workspaceId,
      after: null,
      limit: 10,
      quietMs: -1_000,
    });
    expect(found).toMatchObject({ state: 'held', heldReason: 'run_completed', asked: true });
    await world.step(run, 2, 2);
    expect(await readOperatorVerdict(world.engine, request)).toEqual({
      accepted: true,
      state: 'waiting',
    });
  });

  describe('wakes that were forgotten', () => {
    it('are given to runs whose wait fired some time ago, unless their journey is paused', async () => {
      const run = await enter();
      await enter();
      await world.fire(run.enrolmentId, {
        branch: 'bought',
        position: 9,
        ordinal: 0,
        clock: Date.now() - 60_000,
      });
      await world.journeyState('cart', 'paused');
      expect(await wakeForgotten(world.engine, world.workspaceId, 10_000)).toBe(0);
      await world.journeyState('cart', 'live');
      expect(await wakeForgotten(world.engine, world.workspaceId, 120_000)).toBe(0);
      expect(await wakeForgotten(world.engine, world.workspaceId, 10_000)).toBe(1);
      expect(await outbox()).toEqual([
        { enrolment_id: run.enrolmentId, kind: 'wake', generation: 1 },
      ]);
    });

    it('are given to runs that owe an operator an answer', async () => {
      const run = await enter();
      await world.ask(run.enrolmentId, 'hold');
      expect(await wakeForgotten(world.engine, world.workspaceId, 60_000)).toBe(0);
      expect(await wakeForgotten(world.engine, world.workspaceId, -1_000)).toBe(1);
    });

    it('are given to deliveries that no stop keeps back any more', async () => {
      const run = await enter('mail-only');
      await world.sql(
        `insert into delivery (workspace_id, delivery_key, enrolment_id, journey_key, version, step_id, visit, subject_id, connection_key,
           connector_key, action, state, blocked_by, expires_at, reserved_at)
         values ($1, $2, $3, 'mail-only', 1, 'mail', 1, $4, 'mail', 'smtp-email', 'send', 'reserved', 'stopped_connection',
           now() + interval '1 h', now() - interval '1 min')`,
        `${run.enrolmentId}:mail:1`,
        run.enrolmentId,
        run.customerId,
      );
      await world.sql(
        `insert into sending_stop (workspace_id, scope, target, stopped_by) values ($1, 'connection', 'mail', 'ops')`,
      );
      expect(await wakeForgotten(world.engine, world.workspaceId, 10_000)).toBe(0);
      await world.sql('delete from sending_stop where workspace_id = $1');
      expect(await wakeForgotten(world.engine, world.workspaceId, 10_000)).toBe(1);
    });
  });

  it('wakes those of a journey who are due when it goes on, and all when it ends', async () => {
    const due = await enter();
    const later = await enter();
    const sending = await enter('mail-only');
    await world.sql(
      `update wait set deadline = now() where workspace_id = $1 and enrolment_id = $2`,
      due.enrolmentId,
    );
    const wake = (journeyKey: string, all: boolean) =>
      inWorkspace(world.engine, world.workspaceId, (client) =>
        wakeJourney(client, world.workspaceId, { journeyKey, all }),
      );
    expect(await wake('cart', false)).toBe(1);
    expect(await wake('cart', true)).toBe(2);
    expect(await wake('mail-only', false)).toBe(1);
    const woken = (await outbox()).map((row) => String(row['enrolment_id']));
    const expected = [due, due, later, sending].map(({ enrolmentId }) => enrolmentId);
    expect(woken.sort()).toEqual(expected.sort());
  });
});
