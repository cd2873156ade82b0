import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadDefinitions } from './lane-definitions.js';
import { rebuildCustomer } from './rebuild.js';
import { openLaneKit, type LaneKit, type TestEvent } from './testing/lane-kit.js';

/** What the lane writes, without what differs by nature: identity values and wall-clock stamps. */
const SNAPSHOTS: Readonly<Record<string, string>> = {
  customer:
    'select customer_id, created_at, first_position, first_ordinal, traits, facts, applied_position, merged_into from customer order by 1',
  identifier: 'select type, value, customer_id from identifier order by 1, 2',
  identifier_change: 'select * from identifier_change order by position, ordinal, type, value',
  merge: 'select * from customer_merge order by position, ordinal, absorbed_id',
  trait_change: 'select * from trait_change order by position, ordinal, name',
  consent:
    'select customer_id, purpose, channel, state, event_time, position, ordinal from consent order by 1, 2, 3',
  consent_change: 'select * from consent_change order by position, ordinal, purpose, channel',
  event: 'select * from event order by position, ordinal',
  quarantine: 'select * from quarantine order by position, ordinal',
  membership:
    'select customer_id, segment_key, version, since, position, ordinal from segment_membership order by 1, 2',
  membership_change:
    'select * from segment_membership_change order by position, ordinal, customer_id, segment_key',
  enrolment: `select enrolment_id, journey_key, version, customer_id, subject_id, entry_key, trigger, entered_position, entered_ordinal,
    exit_request, superseded from enrolment order by 1`,
  goal: 'select * from goal_conversion order by position, ordinal, goal_id, enrolment_id',
  starts: "select enrolment_id, kind from outbox where kind = 'start' order by 1",
  woken: "select distinct enrolment_id from outbox where kind = 'wake' order by 1",
  seen: 'select message_id, fingerprint from message_seen order by 1',
  due: 'select customer_id, due_at from customer_due order by 1',
  sighting: 'select * from identity_sighting order by position, type, value, customer_id',
  alert: 'select * from identity_alert order by kind, subject',
  lane: 'select position, clock, duplicates, applied_events from lane',
};

const DERIVED = `customer, identifier, identifier_change, customer_merge, trait_change, consent, consent_change, suppression, event, quarantine,
  segment_membership, segment_membership_change, customer_due, enrolment, wait, goal_conversion, outbox, message_seen, revocation_pending,
  identity_sighting, identity_alert`;

/** Requests stand this far apart on the lane's clock, so that windows end and people become due in the middle of a log. */
const STEP_MS = 6 * 60_000;

/** Few people and few values, so that they meet, merge, repeat and conflict all the time. */
const arbitraryEvent: fc.Arbitrary<(at: number) => TestEvent> = fc
  .record({
    who: fc.record({
      userId: fc.option(fc.constantFrom('u1', 'u2', 'u3'), { nil: undefined }),
      anonymousId: fc.option(fc.constantFrom('a1', 'a2', 'a3', 'a4'), { nil: undefined }),
    }),
    what: fc.constantFrom('cart', 'order', 'plan', 'mail', 'consent', 'bad', 'alias'),
    key: fc.constantFrom('c1', 'c2', 'c3'),
    value: fc.constantFrom('free', 'pro', null),
    messageId: fc.option(fc.constantFrom('m1', 'm2', 'm3'), { nil: undefined }),
    ageMinutes: fc.integer({ min: 0, max: 90 }),
  })
  .map(({ who, what, key, value, messageId, ageMinutes }) => (at: number): TestEvent => {
    const timestamp = new Date(at - ageMinutes * 60_000).toISOString();
    const base = { ...who, timestamp, ...(messageId === undefined ? {} : { messageId }) };
    switch (what) {
      case 'cart':
        return { ...base, type: 'track', event: 'Product Added', properties: { cart_id: key } };
      case 'order':
        return {
          ...base,
          type: 'track',
          event: 'Order Completed',
          properties: { cart_id: key, total: 10 },
        };
      case 'plan':
        return { ...base, type: 'identify', traits: { plan: value } };
      case 'mail':
        return { ...base, type: 'identify', traits: { email: `${key}@example.com` } };
      case 'consent':
        return {
          ...base,
          type: 'track',
          event: 'Consent Changed',
          properties: {
            purpose: 'marketing',
            channel: 'email',
            state: value === 'pro' ? 'granted' : 'denied',
          },
        };
      case 'alias':
        return { ...base, type: 'alias', userId: who.userId ?? 'u1', previousId: 'a1' };
      case 'bad':
        return { ...base, type: 'track', properties: {} };
    }
  });

const arbitraryLog = fc.array(fc.array(arbitraryEvent, { minLength: 1, maxLength: 5 }), {
  minLength: 4,
  maxLength: 25,
});

/** Segments whose answers change by time alone, of each kind. */
const TIMED: Readonly<Record<string, unknown>> = {
  recent: { event: 'Order Completed', within: { minutes: 45 } },
  busy: { event: 'Product Added', count: { gte: 2 }, within: { minutes: 70 } },
  lapsed: { lastEvent: 'Order Completed', op: 'olderThan', value: { minutes: 50 } },
  fresh: { firstEvent: 'Product Added', op: 'withinLast', value: { minutes: 80 } },
  abandoned: {
    sequence: [
      { event: 'Product Added' },
      { event: 'Order Completed', absent: true, within: { minutes: 30 }, same: 'cart_id' },
    ],
    for: { minutes: 40 },
  },
  waiting: { all: [{ segment: 'abandoned' }, { not: { segment: 'recent' } }] },
};
const RUNS = Number(process.env['TL_PROPERTY_RUNS'] ?? 8);

describe('the lane, for any log', () => {
  let kit: LaneKit;

  beforeAll(async () => {
    kit = await openLaneKit();
    await kit.publish('segment', {
      key: 'buyers',
      name: 'Buyers',
      condition: { event: 'Order Completed' },
    });
    await kit.publish('segment', {
      key: 'big',
      name: 'Big',
      condition: {
        all: [
          {
            event: 'Order Completed',
            where: [{ property: 'total', op: 'gte', value: 5 }],
            count: { gte: 2 },
          },
          { trait: 'plan', op: 'notEquals', value: 'free' },
        ],
      },
    });
    await kit.publish('segment', {
      key: 'quiet',
      name: 'Quiet',
      condition: { not: { segment: 'buyers' } },
    });
    for (const [key, condition] of Object.entries(TIMED))
      await kit.publish('segment', { key, name: key, condition });
    await kit.publish('journey', {
      key: 'cart',
      name: 'Cart',
      trigger: { kind: 'event', event: 'Product Added' },
      entry: { reentry: 'perKey', path: 'cart_id', maxConcurrent: 3 },
      start: 'rest',
      steps: {
        rest: { kind: 'delay', duration: { hours: 1 }, next: 'end' },
        end: { kind: 'exit', reason: 'over' },
      },
      exits: [{ id: 'bought', kind: 'event', event: 'Order Completed', same: 'cart_id' }],
      goals: [{ id: 'order', kind: 'event', event: 'Order Completed' }],
      purpose: 'marketing',
    });
    await kit.publish('journey', {
      key: 'vip',
      name: 'Big buyers',
      trigger: { kind: 'segment', segment: 'big', on: 'entered' },
      entry: { reentry: 'once' },
      start: 'rest',
      steps: {
        rest: { kind: 'delay', duration: { hours: 1 }, next: 'end' },
        end: { kind: 'exit', reason: 'over' },
      },
      purpose: 'marketing',
    });
    await kit.publish('journey', {
      key: 'gone',
      name: 'Lapsed',
      trigger: { kind: 'segment', segment: 'lapsed', on: 'entered' },
      entry: { reentry: 'afterExit', minGap: { minutes: 1 } },
      start: 'end',
      steps: { end: { kind: 'exit', reason: 'over' } },
      purpose: 'marketing',
    });
    await kit.rows('select ensure_partitions(90)');
    await kit.drain();
  });
  afterAll(() => kit.close());

  interface Start {
    readonly position: number;
    readonly clock: string;
  }

  /** Sends a log whose requests are spread over hours, and answers where the lane stood before it. */
  const send = async (log: readonly (readonly ((at: number) => TestEvent)[])[]): Promise<Start> => {
    const [start] = await kit.rows<{ position: number; clock: string; ms: number }>(
      'select l.position, l.clock::text, extract(epoch from a.clock)::float8 * 1000 as ms from lane l, lane_append a',
    );
    if (start === undefined) throw new TypeError('the workspace has a lane');
    const { position, clock, ms } = start;
    for (const [index, batch] of log.entries())
      await kit.sendBatch(batch.map((event) => event(ms + (index + 1) * STEP_MS)));
    await kit.rows(
      'update event_log set clock = to_timestamp(($1 + (position - $2) * $3) / 1000.0) where position > $2',
      [ms, position, STEP_MS],
    );
    await kit.rows('update lane_append set clock = to_timestamp($1 / 1000.0)', [
      ms + log.length * STEP_MS,
    ]);
    return { position, clock };
  };

  const reset = async ({ position, clock }: Start): Promise<void> => {
    await kit.rows(`truncate ${DERIVED}`);
    await kit.rows(
      'update lane set position = $1, clock = $2, duplicates = 0, applied_events = 0',
      [position, clock],
    );
  };
  const snapshot = async (): Promise<Record<string, unknown>> => {
    const tables: Record<string, unknown> = {};
    for (const [name, sql] of Object.entries(SNAPSHOTS)) tables[name] = await kit.rows(sql);
    return tables;
  };

  it('comes to identical rows however the log is cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryLog, fc.integer({ min: 1, max: 30 }), async (log, cut) => {
        const start = await send(log);
        await reset(start);
        await kit.drain(1);
        const finest = await snapshot();
        await reset(start);
        await kit.drain(cut);
        expect(await snapshot()).toEqual(finest);
        await reset(start);
        await kit.drain(10_000);
        expect(await snapshot()).toEqual(finest);
      }),
      { numRuns: RUNS },
    );
  }, 600_000);

  it('rebuilds every live row from its events', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryLog, async (log) => {
        await reset(await send(log));
        await kit.drain(7);
        const client = await kit.laneClient();
        const definitions = await loadDefinitions(client, kit.workspaceId, Number.MAX_SAFE_INTEGER);
        const people = await kit.rows<{
          customer_id: string;
          traits: unknown;
          facts: unknown;
          segments: string[];
          consents: string[];
        }>(
          `select customer_id, traits, facts,
                  array(select segment_key from segment_membership m where m.customer_id = c.customer_id order by 1) as segments,
                  array(select purpose || channel || state || event_time::text from consent k where k.customer_id = c.customer_id order by 1) as consents
             from customer c where merged_into is null`,
        );
        for (const person of people) {
          const rebuilt = await rebuildCustomer(
            client,
            { workspaceId: kit.workspaceId, customerId: person.customer_id },
            definitions,
          );
          expect(rebuilt.traits).toEqual(person.traits);
          expect(rebuilt.facts).toEqual(person.facts);
          expect(rebuilt.segments).toEqual(person.segments);
          expect(rebuilt.consents).toHaveLength(person.consents.length);
        }
        await client.end();
      }),
      { numRuns: RUNS },
    );
  }, 600_000);
});
