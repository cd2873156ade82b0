import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CART, MAIL_THEN_WAIT, RESTARTING, TWO_WAITS, UPDATES } from './testing/definitions.js';
import { HOUR, JourneyWorld, MINUTE, type Enrolled } from './testing/journey-world.js';

describe('a step that enters a wait', () => {
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

  describe('look-back', () => {
    it('finds the order that came before the run began', async () => {
      const run = await enter('cart');
      await world.happen({
        customerId: run.customerId,
        name: 'Order Completed',
        clock: run.clock + 2_000,
        properties: { cart_id: 'c1' },
      });
      expect(await world.step(run, 1)).toMatchObject({ kind: 'end', outcome: 'completed' });
      expect(await world.trail(run)).toEqual([
        'entered',
        'stepped wait',
        'waiting wait',
        'fired wait',
        'stepped end',
        'ended end',
      ]);
    });

    it('finds the order of the very request that held the cart', async () => {
      const run = await enter('cart');
      await world.happen({
        customerId: run.customerId,
        name: 'Order Completed',
        clock: run.clock,
        properties: { cart_id: 'c1' },
        samePosition: true,
        ordinal: 1,
      });
      expect(await world.step(run, 1)).toMatchObject({ kind: 'end' });
    });

    it('passes over an order of another cart and of another person', async () => {
      const run = await enter('cart');
      const stranger = await world.customer();
      await world.happen({
        customerId: run.customerId,
        name: 'Order Completed',
        clock: run.clock + 1,
        properties: { cart_id: 'c2' },
      });
      await world.happen({
        customerId: stranger,
        name: 'Order Completed',
        clock: run.clock + 2,
        properties: { cart_id: 'c1' },
      });
      expect(await world.step(run, 1)).toMatchObject({ kind: 'wait' });
    });

    it('does not count an order after the deadline, although nobody was there to see the deadline pass', async () => {
      const run = await enter('cart', 2 * HOUR);
      await world.happen({
        customerId: run.customerId,
        name: 'Order Completed',
        clock: run.clock + HOUR + 1,
        properties: { cart_id: 'c1' },
      });
      expect(await world.step(run, 1)).toMatchObject({ kind: 'deliver', step: 'mail', visit: 1 });
    });

    it('counts an order at the very deadline', async () => {
      const run = await enter('cart', 2 * HOUR);
      await world.happen({
        customerId: run.customerId,
        name: 'Order Completed',
        clock: run.clock + HOUR,
        properties: { cart_id: 'c1' },
      });
      expect(await world.step(run, 1)).toMatchObject({ kind: 'end' });
    });

    it('sees what a profile did that has been merged into this one', async () => {
      const run = await enter('cart');
      const other = await world.customer();
      await world.happen({
        customerId: other,
        name: 'Order Completed',
        clock: run.clock + 5,
        properties: { cart_id: 'c1' },
      });
      await world.merge(run.customerId, other);
      expect(await world.step(run, 1)).toMatchObject({ kind: 'end' });
    });

    it('does not see again what an earlier wait has let pass', async () => {
      const run = await enter('two-waits', HOUR);
      await world.happen({
        customerId: run.customerId,
        name: 'Order Completed',
        clock: run.clock + MINUTE,
      });
      await world.moveLane(run.clock + 15 * MINUTE);
      const waiting = await world.step(run, 1);
      expect(waiting).toMatchObject({ kind: 'wait', step: 'second', seq: 2 });
      await world.happen({
        customerId: run.customerId,
        name: 'Order Completed',
        clock: run.clock + 16 * MINUTE,
      });
      await world.ask(run.enrolmentId, 'hold');
      await world.step(run, 3);
      await world.ask(run.enrolmentId, 'resume');
      expect(await world.step(run, 4)).toMatchObject({ kind: 'end', outcome: 'completed' });
    });

    it('moves the deadline with each repeat of the trigger', async () => {
      const run = await enter('restarting');
      const again = {
        customerId: run.customerId,
        name: 'Cart Updated',
        properties: { cart_id: 'c1' },
      };
      await world.happen({ ...again, clock: run.clock + 10_000 });
      await world.happen({ ...again, clock: run.clock + 20_000 });
      expect(await world.step(run, 1)).toMatchObject({
        kind: 'wait',
        until: run.clock + 20_000 + HOUR,
      });
    });

    it('finds a segment that was entered meanwhile', async () => {
      const definition = {
        ...CART,
        key: 'segment-wait',
        steps: {
          wait: {
            kind: 'waitFor',
            branches: [
              { id: 'vip', on: { kind: 'segment', segment: 'vips', on: 'entered' }, next: 'end' },
            ],
            timeout: { after: 'PT1H', next: 'end' },
          },
          end: { kind: 'exit', reason: 'vip' },
        },
      } as const;
      await world.journey(definition);
      const run = await enter('segment-wait');
      const position = await world.moveLane(run.clock + 1);
      await world.sql(
        `insert into segment_membership_change (workspace_id, customer_id, position, ordinal, segment_key, version, change, at, clock)
         values ($1, $2, $3, 0, 'vips', 1, 'entered', $4, $4)`,
        run.customerId,
        position,
        new Date(run.clock + 1),
      );
      expect(await world.step(run, 1)).toMatchObject({ kind: 'end', outcome: 'exited:vip' });
    });
  });
});
