/**
 * Two things at once, or in the unlucky order, through the whole engine: log, lane, relay, Temporal, worker. Each test stops
 * the part in question at the point in question, lets the other thing happen, and lets go.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Engine } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { recordPromise } from '../support/promises.js';
import { CART, LEAVING, PATIENT, versioned, WELCOME } from '../support/races.js';
import { Shopper } from '../support/shopper.js';

const LIMIT_MS = 60_000;

describe('a run and its waits', () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await Engine.open();
    await engine.defineOutside();
    for (const journey of [CART, PATIENT, WELCOME, LEAVING])
      await engine.kit.publish('journey', journey);
  }, 120_000);

  beforeEach(() => engine.allUp(), LIMIT_MS);

  afterAll(() => engine.close(), LIMIT_MS);

  it(
    'sees the order that came before the run began',
    async () => {
      await engine.stopRelay();
      const ada = new Shopper(engine);
      await engine.send(...ada.introduced(), ada.did('Cart Updated'));
      await engine.send(ada.did('Order Completed'));
      await engine.caughtUp();
      expect(await ada.enrolment('cart')).toMatchObject({ seq: 0, state: 'active' });
      engine.startRelay();
      expect(await ada.outcome('cart')).toBe('exited:bought');
      expect(ada.mails).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    'counts an order before the deadline, and none after it, although the workers were down',
    async () => {
      const [early, late] = [new Shopper(engine), new Shopper(engine)];
      await engine.send(
        ...[early, late].flatMap((one) => [...one.introduced(), one.did('Cart Updated')]),
      );
      const { deadline } = await early.waiting('cart');
      expect((await late.waiting('cart')).deadline).toBe(deadline);
      await engine.stopWorkers();
      await engine.send(early.did('Order Completed'));
      await engine.past(deadline);
      await engine.send(late.did('Order Completed'));
      await engine.caughtUp();
      const orders = await engine.rows<{ clock: number }>(
        `select clock from event where name = 'Order Completed' order by position desc limit 2`,
      );
      expect(orders.map(({ clock }) => clock > deadline)).toEqual([true, false]);

      await engine.startWorkers();
      expect(await early.outcome('cart')).toBe('exited:bought');
      expect(await late.outcome('cart')).toBe('completed');
      expect([early.mails, late.mails]).toEqual([0, 1]);
      recordPromise({
        promise: 'an order counts if and only if it came in time, workers up or down',
        held: true,
        detail: 'one before the deadline, one after it, workers down in between',
      });
    },
    LIMIT_MS,
  );

  it(
    'takes a wake that was there before the run, and before its workers',
    async () => {
      await Promise.all([engine.stopRelay(), engine.stopWorkers()]);
      const ada = new Shopper(engine);
      await engine.send(...ada.introduced(), ada.did('Trial Begun'));
      await engine.send(ada.did('Order Completed'));
      await engine.caughtUp();
      expect(await engine.rows('select kind from outbox order by outbox_id')).toEqual([
        { kind: 'start' },
        { kind: 'wake' },
      ]);
      engine.startRelay();
      await engine.caughtUp();
      await engine.startWorkers();
      expect(await ada.outcome('leaving')).toBe('exited:ordered');
      expect(await ada.trail('leaving')).toEqual([
        'entered',
        'stepped rest',
        'waiting rest',
        'ended rest',
      ]);
    },
    LIMIT_MS,
  );

  it(
    'lets a deadline pass in a workspace where nothing else happens',
    async () => {
      const ada = new Shopper(engine);
      await engine.send(...ada.introduced(), ada.did('Cart Updated'));
      expect(await ada.outcome('cart')).toBe('completed');
      expect(ada.mails).toBe(1);
      const { enrolment_id } = await ada.enrolment('cart');
      const passing = await engine.rows<{ kind: string }>(
        `select l.kind from event_log l, wait w where w.enrolment_id = $1 and l.clock > w.deadline order by l.position limit 1`,
        [enrolment_id],
      );
      expect(passing).toEqual([{ kind: 'tick' }]);
    },
    LIMIT_MS,
  );

  it(
    'gets the same answer when a step has committed and its answer was lost, every time',
    async () => {
      const lost = new Set<string>();
      engine.hooks.afterStep = ({ enrolmentId, seq }) => {
        const name = `${enrolmentId}:${seq}`;
        if (lost.has(name)) return Promise.resolve();
        lost.add(name);
        return Promise.reject(new TypeError('the answer is lost'));
      };
      const ada = new Shopper(engine);
      await engine.send(...ada.introduced(), ada.did('Cart Updated'));
      expect(await ada.outcome('cart')).toBe('completed');
      expect(ada.mails).toBe(1);
      expect(await ada.trail('cart')).toEqual([
        'entered',
        'stepped wait',
        'waiting wait',
        'timed_out wait',
        'stepped mail',
        'sent mail',
        'stepped end',
        'ended end',
      ]);
      expect(lost.size).toBeGreaterThanOrEqual(3);
    },
    LIMIT_MS,
  );

  it(
    'lets an order win that the lane is applying while the timer goes off',
    async () => {
      const ada = new Shopper(engine);
      await engine.send(...ada.introduced(), ada.did('Cart Updated'));
      const { deadline } = await ada.waiting('cart');
      const gate = new Gate();
      engine.hooks.onLaneStage = (stage) =>
        stage === 'applied' ? gate.enter() : Promise.resolve();
      await engine.send(ada.did('Order Completed'));
      await gate.reached;
      await engine.past(deadline);
      // The run asks for its next step, and stands before the lock that the lane holds on this customer.
      await eventually(async () => {
        const waiting = await engine.rows(
          `select 1 from pg_stat_activity where application_name like '%tl_engine' and wait_event_type = 'Lock'
              and datname = current_database()`,
        );
        expect(waiting.length).toBeGreaterThan(0);
      });
      gate.open();
      expect(await ada.outcome('cart')).toBe('exited:bought');
      expect(ada.mails).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    'goes on with the person that somebody turns out to be',
    async () => {
      const known = new Shopper(engine);
      await engine.send(...known.introduced());
      const [waiter, buyer] = [new Shopper(engine, 'visitor'), new Shopper(engine, 'visitor')];
      await engine.send(waiter.did('Cart Updated', 'c1'), buyer.did('Wish Added', 'c2'));
      await Promise.all([waiter.waiting('cart'), buyer.waiting('patient')]);
      await engine.send(waiter.saysToBe(known), buyer.saysToBe(known));
      // The order names the person, who was nobody to this run when it began to wait.
      await engine.send(known.did('Order Completed', 'c2'));
      expect(await buyer.outcome('patient')).toBe('exited:bought');
      expect(await waiter.outcome('cart')).toBe('completed');
      expect(known.mails).toBe(1);
      const { subject_id } = await known.enrolment('cart');
      expect((await known.enrolment('patient')).subject_id).toBe(subject_id);
    },
    LIMIT_MS,
  );

  it(
    'mails once when two who wait for the same cart are one',
    async () => {
      const [known, visitor] = [new Shopper(engine), new Shopper(engine, 'visitor')];
      await engine.send(...known.introduced(), known.did('Cart Updated'));
      await engine.send(visitor.did('Cart Updated'));
      const both = await Promise.all([known.waiting('cart'), visitor.waiting('cart')]);
      await engine.send(visitor.saysToBe(known));
      const results = await Promise.all(
        both.map(({ enrolment }) => engine.handle(enrolment).result()),
      );
      expect(results).toEqual(['completed', 'exited:merged']);
      expect(known.mails).toBe(1);
      recordPromise({
        promise: 'two profiles that become one get one mail',
        held: true,
        detail: 'merged while both waited',
      });
    },
    LIMIT_MS,
  );

  it(
    'keeps a person in the version that was live where they stand in the log',
    async () => {
      await engine.kit.publish('journey', versioned('first'));
      await engine.caughtUp();
      const [ada, bob] = [new Shopper(engine), new Shopper(engine)];
      const gate = new Gate();
      engine.hooks.onLaneStage = (stage) => (stage === 'read' ? gate.enter() : Promise.resolve());
      await engine.send(ada.did('Versioned'));
      await gate.reached;
      await engine.kit.publish('journey', versioned('second'));
      await engine.send(bob.did('Versioned'));
      gate.open();
      expect(await ada.outcome('versioned')).toBe('exited:first');
      expect(await bob.outcome('versioned')).toBe('exited:second');
      expect([await ada.enrolment('versioned'), await bob.enrolment('versioned')]).toMatchObject([
        { version: 1 },
        { version: 2 },
      ]);
    },
    LIMIT_MS,
  );
});
