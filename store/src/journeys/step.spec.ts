import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Superseded } from './customer-lock.js';
import { CART, MAIL_THEN_WAIT, RESTARTING, TWO_WAITS, UPDATES } from './testing/definitions.js';
import { HOUR, JourneyWorld, MINUTE, type Enrolled } from './testing/journey-world.js';

describe('step', () => {
  let world: JourneyWorld;

  beforeAll(async () => {
    world = await JourneyWorld.create();
    for (const definition of [CART, RESTARTING, TWO_WAITS, MAIL_THEN_WAIT, UPDATES])
      await world.journey(definition);
  });

  afterAll(() => world.close());

  async function enter(journey: string, ageMs = 0): Promise<Enrolled> {
    const customerId = await world.customer({ email: 'ada@example.com' });
    return world.enrol({
      journey,
      customerId,
      clock: Date.now() - ageMs,
      properties: { cart_id: 'c1' },
    });
  }

  describe('seq', () => {
    it('answers the first question with the first wait, counted from the trigger', async () => {
      const run = await enter('cart');
      const command = await world.step(run, 1);
      expect(command).toMatchObject({
        kind: 'wait',
        seq: 1,
        step: 'wait',
        until: run.clock + HOUR,
        state: 'waiting',
      });
      expect(await world.trail(run)).toEqual(['entered', 'stepped wait', 'waiting wait']);
    });

    it('gives the same command, to the letter, when a task is retried', async () => {
      const run = await enter('cart');
      const first = await world.step(run, 1);
      expect(await world.step(run, 1)).toEqual(first);
      expect(await world.trail(run)).toHaveLength(3);
    });

    it('gives the current command once more when nothing has happened', async () => {
      const run = await enter('cart');
      const first = await world.step(run, 1);
      expect(await world.step(run, 2)).toEqual(first);
    });

    it('gives the current command to a run that was reset', async () => {
      const run = await enter('cart', HOUR + MINUTE);
      await world.moveLane(Date.now());
      const current = await world.step(run, 1);
      expect(current).toMatchObject({ kind: 'deliver', seq: 2 });
      expect(await world.step(run, 1)).toEqual(current);
      expect(await world.step(run, 0)).toEqual(current);
    });

    it('holds a run that is ahead of the store, and goes on from its number', async () => {
      const run = await enter('cart');
      await world.step(run, 1);
      expect(await world.step(run, 7)).toMatchObject({
        kind: 'wait',
        seq: 7,
        state: 'held',
        until: null,
      });
      expect(await world.enrolment(run)).toMatchObject({
        state: 'held',
        held_reason: 'store_behind',
        seq: 7,
      });
      const resume = await world.ask(run.enrolmentId, 'resume');
      expect(await world.step(run, 8)).toMatchObject({
        kind: 'wait',
        seq: 8,
        state: 'waiting',
        until: run.clock + HOUR,
      });
      expect(await world.verdict(resume)).toEqual({ accepted: true, state: 'waiting' });
    });

    it('does not send again what a forgetful store may have sent already', async () => {
      const run = await enter('mail-then-wait');
      await world.step(run, 1);
      expect(await world.step(run, 3)).toMatchObject({ state: 'held' });
      await world.ask(run.enrolmentId, 'resume');
      expect(await world.step(run, 4)).toMatchObject({ state: 'held' });
      await world.ask(run.enrolmentId, 'retryStep');
      expect(await world.step(run, 4)).toMatchObject({ kind: 'deliver', visit: 2 });
    });
  });

  describe('generations', () => {
    it('refuses the older of two runs', async () => {
      const run = await enter('cart');
      await world.sql(
        'update enrolment set generation = 2 where workspace_id = $1 and enrolment_id = $2',
        run.enrolmentId,
      );
      await expect(world.step(run, 1, 1)).rejects.toBeInstanceOf(Superseded);
      expect(await world.step(run, 1, 2)).toMatchObject({ kind: 'wait', seq: 1 });
    });

    it('refuses a run whose enrolment is gone', async () => {
      const ghost = {
        enrolmentId: '01900000-0000-7000-8000-000000000000',
        customerId: '',
        clock: 0,
      };
      await expect(world.step(ghost, 1)).rejects.toBeInstanceOf(Superseded);
    });

    it('lets two askers in one after the other, and both hear the same', async () => {
      const run = await enter('cart');
      const [one, other] = await Promise.all([world.step(run, 1), world.step(run, 1)]);
      expect(one).toEqual(other);
      expect(await world.trail(run)).toHaveLength(3);
    });
  });

  it('puts an update of the profile into the log, once, one hop further than its trigger', async () => {
    const run = await enter('updates');
    await world.step(run, 1);
    await world.step(run, 1);
    const rows = await world.sql<{ body: string; hop: number; kind: string }>(
      `select kind, hop, body from event_log where workspace_id = $1 and body like '%' || $2 || '%'`,
      run.enrolmentId,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ kind: 'internal', hop: 1 });
    expect(JSON.parse(rows[0]?.body ?? '')).toEqual([
      expect.objectContaining({
        messageId: `${run.enrolmentId}:mark:1:update`,
        customerId: run.customerId,
        traits: { abandoned: 'c1' },
        hop: 1,
      }),
    ]);
  });

  describe('a merge while a step waits for the lock', () => {
    it('begins again with the survivor', async () => {
      const run = await enter('cart');
      const survivor = await world.customer();
      const lane = await world.admin.connect();
      await lane.query('begin');
      await lane.query(
        'select from customer where workspace_id = $1 and customer_id = $2 for no key update',
        [world.workspaceId, run.customerId],
      );
      const asked = world.step(run, 1);
      await lane.query(
        'update enrolment set subject_id = $3 where workspace_id = $1 and enrolment_id = $2',
        [world.workspaceId, run.enrolmentId, survivor],
      );
      await lane.query('commit');
      lane.release();
      expect(await asked).toMatchObject({ kind: 'wait', seq: 1 });
    });

    it('gives up within a second when the holder is frozen, and changes nothing', async () => {
      const run = await enter('cart');
      const frozen = await world.admin.connect();
      await frozen.query('begin');
      await frozen.query(
        'select from customer where workspace_id = $1 and customer_id = $2 for no key update',
        [world.workspaceId, run.customerId],
      );
      await expect(world.step(run, 1)).rejects.toMatchObject({ code: '55P03' });
      await frozen.query('rollback');
      frozen.release();
      expect(await world.trail(run)).toEqual([]);
    });
  });
});
