import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CART, MAIL_THEN_WAIT, RESTARTING, TWO_WAITS, UPDATES } from './testing/definitions.js';
import { HOUR, JourneyWorld, type Enrolled } from './testing/journey-world.js';

describe('a step after a delivery', () => {
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

  describe('deliveries', () => {
    async function delivery(run: Enrolled, columns: Record<string, unknown>): Promise<void> {
      const row = {
        delivery_key: `${run.enrolmentId}:mail:1`,
        enrolment_id: run.enrolmentId,
        journey_key: 'mail-then-wait',
        version: 1,
        step_id: 'mail',
        visit: 1,
        subject_id: run.customerId,
        connection_key: 'mail',
        connector_key: 'smtp-email',
        action: 'send',
        expires_at: new Date(Date.now() + HOUR),
        ...columns,
      };
      const names = Object.keys(row);
      await world.sql(
        `insert into delivery (workspace_id, ${names.join(', ')}) values ($1, ${names.map((_, index) => `$${index + 2}`).join(', ')})`,
        ...Object.values(row),
      );
    }

    it('go on when the message was accepted, counting from when it settled', async () => {
      const run = await enter('mail-then-wait');
      await world.step(run, 1);
      const settledAt = Date.now() + 5;
      await delivery(run, { state: 'accepted', settled_at: new Date(settledAt) });
      expect(await world.step(run, 2)).toMatchObject({
        kind: 'wait',
        step: 'wait',
        until: settledAt + HOUR,
      });
    });

    it('see the order that came while the message was on its way', async () => {
      const run = await enter('mail-then-wait');
      await world.step(run, 1);
      await world.happen({
        customerId: run.customerId,
        name: 'Order Completed',
        clock: run.clock + 10,
        properties: { cart_id: 'c1' },
      });
      await delivery(run, { state: 'accepted', settled_at: new Date() });
      expect(await world.step(run, 2)).toMatchObject({ kind: 'end', outcome: 'completed' });
    });

    it.each([
      [
        'failed',
        { state: 'failed', reason: 'hard_bounce', settled_at: new Date() },
        'exited:failed',
      ],
      ['a reservation that was left behind', { state: 'reserved' }, 'exited:failed'],
    ])('take the error branch after %s', async (_name, columns, outcome) => {
      const run = await enter('mail-then-wait');
      await world.step(run, 1);
      await delivery(run, columns);
      expect(await world.step(run, 2)).toMatchObject({ kind: 'end', outcome });
    });

    it('call an attempt unknown that never came back, and go on', async () => {
      const run = await enter('mail-then-wait');
      await world.step(run, 1);
      await delivery(run, { state: 'sending', sending_at: new Date() });
      expect(await world.step(run, 2)).toMatchObject({ kind: 'wait', step: 'wait' });
      expect(
        await world.sql(
          'select state, reason from delivery where workspace_id = $1 and enrolment_id = $2',
          run.enrolmentId,
        ),
      ).toEqual([{ state: 'unknown', reason: 'gave_up' }]);
      expect(await world.trail(run)).toContain('unknown mail');
    });

    it('call it expired when no attempt was made at all', async () => {
      const run = await enter('mail-then-wait');
      await world.step(run, 1);
      expect(await world.step(run, 2)).toMatchObject({ kind: 'end', outcome: 'exited:failed' });
    });

    it('wait while sending is stopped, without a new number, and go on when it is not', async () => {
      const run = await enter('mail-then-wait');
      const command = await world.step(run, 1);
      await delivery(run, { state: 'reserved', blocked_by: 'stopped_journey' });
      await world.sql(
        `insert into sending_stop (workspace_id, scope, target, stopped_by) values ($1, 'journey', 'mail-then-wait', 'ops')`,
      );
      expect(await world.step(run, 2)).toMatchObject({
        kind: 'wait',
        seq: 1,
        state: 'blocked',
        until: null,
      });
      await world.sql(`delete from sending_stop where workspace_id = $1`);
      expect(await world.step(run, 2)).toEqual(command);
    });

    it('are given up when the person leaves while a stop keeps them back', async () => {
      const run = await enter('mail-then-wait');
      await world.step(run, 1);
      await delivery(run, { state: 'reserved', blocked_by: 'stopped_workspace' });
      await world.requestExit(run.enrolmentId, {
        reason: 'left',
        position: 9,
        ordinal: 0,
        clock: Date.now(),
      });
      expect(await world.step(run, 2)).toMatchObject({ kind: 'end', outcome: 'exited:left' });
      expect(
        await world.sql(
          'select state, reason from delivery where workspace_id = $1 and enrolment_id = $2',
          run.enrolmentId,
        ),
      ).toEqual([{ state: 'skipped', reason: 'exited' }]);
    });

    it('are told by the trail although the person left while they were under way', async () => {
      const run = await enter('mail-then-wait');
      await world.step(run, 1);
      await delivery(run, { state: 'accepted', settled_at: new Date() });
      await world.requestExit(run.enrolmentId, {
        reason: 'left',
        position: 9,
        ordinal: 0,
        clock: Date.now(),
      });
      expect(await world.step(run, 2)).toMatchObject({ kind: 'end', outcome: 'exited:left' });
      expect(await world.trail(run)).toEqual([
        'entered',
        'stepped mail',
        'sent mail',
        'ended mail',
      ]);
    });
  });
});
