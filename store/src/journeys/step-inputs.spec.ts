import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CART, MAIL_THEN_WAIT, RESTARTING, TWO_WAITS, UPDATES } from './testing/definitions.js';
import { HOUR, JourneyWorld, MINUTE, type Enrolled } from './testing/journey-world.js';

describe('what a step takes up', () => {
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

  describe('waits', () => {
    it('takes what the lane fired rather than the deadline, whichever the run noticed first', async () => {
      const run = await enter('cart', HOUR - MINUTE);
      await world.step(run, 1);
      const order = {
        position: await world.moveLane(run.clock + HOUR),
        ordinal: 0,
        clock: run.clock + HOUR,
      };
      await world.fire(run.enrolmentId, { branch: 'bought', ...order });
      await world.moveLane(run.clock + 2 * HOUR);
      expect(await world.step(run, 2)).toMatchObject({ kind: 'end', outcome: 'completed' });
    });

    it('does not time out at a clock equal to the deadline, because another input may still come with it', async () => {
      const run = await enter('cart', 2 * HOUR);
      await world.moveLane(run.clock + HOUR);
      const command = await world.step(run, 1);
      expect(command).toMatchObject({ kind: 'wait', seq: 1, state: 'waiting' });
      const rows = await world.sql(
        'select overdue from wait where workspace_id = $1 and enrolment_id = $2',
        run.enrolmentId,
      );
      expect(rows).toEqual([{ overdue: true }]);
      await world.moveLane(run.clock + HOUR + 1);
      expect(await world.step(run, 2)).toMatchObject({ kind: 'deliver', seq: 2 });
    });

    it('marks a wait overdue when its time comes and the lane stands still', async () => {
      const run = await enter('cart');
      await world.step(run, 1);
      await world.sql(
        `update wait set deadline = clock_timestamp() where workspace_id = $1 and enrolment_id = $2`,
        run.enrolmentId,
      );
      const command = await world.step(run, 2);
      expect(command).toMatchObject({ kind: 'wait', seq: 1 });
      expect(command.kind === 'wait' && command.until).toBeGreaterThan(Date.now());
      const rows = await world.sql(
        'select overdue from wait where workspace_id = $1 and enrolment_id = $2',
        run.enrolmentId,
      );
      expect(rows).toEqual([{ overdue: true }]);
    });

    it('tells a run the deadline that the lane has moved', async () => {
      const run = await enter('restarting');
      await world.step(run, 1);
      const later = run.clock + 3 * HOUR;
      await world.sql(
        'update wait set deadline = $3, restarts = 1 where workspace_id = $1 and enrolment_id = $2',
        run.enrolmentId,
        new Date(later),
      );
      expect(await world.step(run, 2)).toMatchObject({ kind: 'wait', seq: 1, until: later });
    });

    it('spreads timers, always the same for one run', async () => {
      const runs = await Promise.all([1, 2, 3, 4, 5, 6].map(() => enter('cart')));
      const spreads: number[] = [];
      for (const run of runs) {
        const command = await world.step(run, 1);
        if (command.kind === 'wait') spreads.push(command.spreadMs);
      }
      expect(new Set(spreads).size).toBeGreaterThan(1);
      expect(Math.max(...spreads)).toBeLessThanOrEqual(HOUR / 100);
    });
  });

  describe('exits', () => {
    it('leaves a wait at once', async () => {
      const run = await enter('cart');
      await world.step(run, 1);
      await world.requestExit(run.enrolmentId, {
        reason: 'bought_elsewhere',
        exitId: 'x',
        position: 99,
        ordinal: 0,
        clock: run.clock + 5,
      });
      expect(await world.step(run, 2)).toEqual({
        kind: 'end',
        seq: 2,
        outcome: 'exited:bought_elsewhere',
      });
      expect(await world.enrolment(run)).toMatchObject({
        state: 'ended',
        outcome: 'exited:bought_elsewhere',
      });
      expect(
        await world.sql(
          'select 1 from wait where workspace_id = $1 and enrolment_id = $2 and closed_at is null',
          run.enrolmentId,
        ),
      ).toEqual([]);
    });

    it('ends the run whose twin goes on after a merge', async () => {
      const run = await enter('cart');
      await world.step(run, 1);
      await world.requestExit(run.enrolmentId, { reason: 'merged' });
      expect(await world.step(run, 2)).toMatchObject({ kind: 'end', outcome: 'exited:merged' });
    });

    it('answers an ended run with its end, whatever it asks', async () => {
      const run = await enter('cart');
      await world.requestExit(run.enrolmentId, {
        reason: 'gone',
        position: 1,
        ordinal: 0,
        clock: run.clock,
      });
      const end = await world.step(run, 1);
      expect(end).toMatchObject({ kind: 'end', outcome: 'exited:gone' });
      const late = await world.ask(run.enrolmentId, 'hold');
      expect(await world.step(run, 9)).toEqual(end);
      expect(await world.verdict(late)).toEqual({ accepted: false, reason: 'ended' });
    });
  });

  describe('operators', () => {
    it('skip a wait when they name the visit, and are refused when they name another', async () => {
      const run = await enter('cart');
      await world.step(run, 1);
      const wrong = await world.ask(run.enrolmentId, 'skipWait', { step: 'wait', visit: 2 });
      expect(await world.step(run, 2)).toMatchObject({ kind: 'wait', seq: 1 });
      expect(await world.verdict(wrong)).toMatchObject({ accepted: false });
      const right = await world.ask(run.enrolmentId, 'skipWait', { step: 'wait', visit: 1 });
      expect(await world.step(run, 2)).toMatchObject({ kind: 'deliver', step: 'mail' });
      expect(await world.verdict(right)).toEqual({ accepted: true, state: 'delivering' });
    });

    it('hold and resume a run, which then finds what happened meanwhile', async () => {
      const run = await enter('cart');
      await world.step(run, 1);
      await world.ask(run.enrolmentId, 'hold', { reason: 'checking' });
      expect(await world.step(run, 2)).toMatchObject({
        kind: 'wait',
        seq: 2,
        state: 'held',
        until: null,
      });
      expect(await world.enrolment(run)).toMatchObject({ state: 'held', held_reason: 'checking' });
      await world.happen({
        customerId: run.customerId,
        name: 'Order Completed',
        clock: run.clock + 50,
        properties: { cart_id: 'c1' },
      });
      await world.ask(run.enrolmentId, 'resume');
      expect(await world.step(run, 3)).toMatchObject({ kind: 'end', outcome: 'completed' });
    });

    it('learn from a held run that the reconciler held it', async () => {
      const run = await enter('cart');
      await world.step(run, 1);
      await world.sql(
        `update enrolment set state = 'held', held_reason = 'run_completed', generation = 2 where workspace_id = $1 and enrolment_id = $2`,
        run.enrolmentId,
      );
      await world.ask(run.enrolmentId, 'resume');
      expect(await world.step(run, 1, 2)).toMatchObject({ kind: 'wait', seq: 1 });
      expect(await world.step(run, 2, 2)).toMatchObject({
        kind: 'wait',
        state: 'waiting',
        until: run.clock + HOUR,
      });
      expect(await world.trail(run)).toEqual([
        'entered',
        'stepped wait',
        'waiting wait',
        'held wait',
        'resumed wait',
      ]);
    });
  });

  describe('a paused journey', () => {
    it('keeps everybody where they are, and lets exits through', async () => {
      const run = await enter('two-waits', 11 * MINUTE);
      const other = await enter('two-waits', 11 * MINUTE);
      await world.journeyState('two-waits', 'paused');
      expect(await world.step(run, 1)).toMatchObject({
        kind: 'wait',
        seq: 0,
        state: 'blocked',
        until: null,
      });
      await world.journeyState('two-waits', 'live');
      await world.moveLane(run.clock + MINUTE);
      await world.step(run, 1);
      await world.step(other, 1);
      await world.moveLane(Date.now());
      await world.journeyState('two-waits', 'paused');
      expect(await world.step(run, 2)).toMatchObject({
        kind: 'wait',
        seq: 1,
        state: 'blocked',
        until: null,
      });
      await world.requestExit(other.enrolmentId, {
        reason: 'left',
        position: 9,
        ordinal: 0,
        clock: Date.now(),
      });
      expect(await world.step(other, 2)).toMatchObject({ kind: 'end', outcome: 'exited:left' });
      await world.journeyState('two-waits', 'live');
      expect(await world.step(run, 2)).toMatchObject({
        kind: 'wait',
        step: 'second',
        state: 'waiting',
      });
    });

    it('leaves the timers of those who are not due', async () => {
      await world.journey({ ...CART, key: 'paused-early' });
      const run = await enter('paused-early');
      const before = await world.step(run, 1);
      await world.journeyState('paused-early', 'paused');
      expect(await world.step(run, 2)).toEqual(before);
    });

    it('ends everybody when it is stopped', async () => {
      await world.journey({ ...CART, key: 'stopping' });
      const run = await enter('stopping');
      await world.step(run, 1);
      await world.journeyState('stopping', 'stopped');
      expect(await world.step(run, 2)).toMatchObject({
        kind: 'end',
        outcome: 'exited:journey_stopped',
      });
    });
  });
});
