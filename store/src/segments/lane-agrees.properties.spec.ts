import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Condition } from '@throughline/domain/segments';
import { inWorkspace, openPool, type Queryable } from '../shared/index.js';
import { openLaneKit, type LaneKit, type TestEvent } from '../ingestion/testing/lane-kit.js';
import { listMembersAsOf, readSizeHistory } from './history.js';
import { listMembers } from './memberships.js';
import { asReader } from './reader.js';
import { recomputeMembers } from './recompute.js';

const MINUTE = 60_000;
/** Requests stand this far apart on the lane's clock, so that windows end between them. */
const STEP_MS = 6 * MINUTE;
/** Every input is read back by several statements for each segment: the deep run tries more, but not hundreds. */
const RUNS = Math.min(30, Number(process.env['TL_PROPERTY_RUNS'] ?? 4));

const SEGMENTS: Readonly<Record<string, Condition>> = {
  pro: { trait: 'plan', op: 'notEquals', value: 'free' },
  recent: { event: 'Ordered', within: { minutes: 30 } },
  twice: { event: 'Added', count: { gte: 2 }, within: { minutes: 50 } },
  lapsed: { lastEvent: 'Ordered', op: 'olderThan', value: { minutes: 20 } },
  abandoned: {
    sequence: [
      { event: 'Added' },
      { event: 'Ordered', absent: true, within: { minutes: 12 }, same: 'cart' },
    ],
    for: { minutes: 25 },
  },
  worth: { all: [{ segment: 'abandoned' }, { not: { segment: 'recent' } }] },
};

/** Few people with few names, so that they merge all the time; events that are up to an hour late. */
const anyRequest = fc.array(
  fc.record({
    userId: fc.option(fc.constantFrom('u1', 'u2'), { nil: undefined }),
    anonymousId: fc.constantFrom('a1', 'a2', 'a3', 'a4'),
    what: fc.constantFrom('Added', 'Added', 'Ordered', 'plan'),
    cart: fc.constantFrom('c1', 'c2', null),
    plan: fc.constantFrom('free', 'pro', null),
    age: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
  }),
  { minLength: 1, maxLength: 3 },
);

describe('what the lane keeps up event by event', () => {
  let kit: LaneKit;
  let app: ReturnType<typeof openPool>;
  let runs = 0;

  beforeAll(async () => {
    kit = await openLaneKit();
    app = openPool({ url: kit.url, role: 'tl_app' });
    for (const [key, condition] of Object.entries(SEGMENTS))
      await kit.publish('segment', { key, name: key, condition });
    await kit.rows('select ensure_partitions(60)');
    await kit.drain();
  });
  afterAll(async () => {
    await app.end();
    await kit.close();
  });

  const read = <T>(work: (client: Queryable) => Promise<T>): Promise<T> =>
    inWorkspace(app, kit.workspaceId, async (client) => {
      await asReader(client);
      return work(client);
    });

  /** Sends one request, stamped a step after the last, and works it off; answers the lane's clock. */
  async function take(events: readonly ((at: number) => TestEvent)[]): Promise<number> {
    const [last] = await kit.rows<{ ms: number }>(
      'select (extract(epoch from clock) * 1000)::bigint as ms from lane_append',
    );
    const clock = Math.floor(last?.ms ?? 0) + STEP_MS;
    const position = await kit.sendBatch(events.map((event) => event(clock)));
    const stamp = new Date(clock).toISOString();
    await kit.rows('update event_log set clock = $1 where position = $2', [stamp, position]);
    await kit.rows('update lane_append set clock = $1', [stamp]);
    await kit.drain();
    return clock;
  }

  const present = (client: Queryable, segment: string) =>
    listMembers(client, kit.workspaceId, { segment, after: null, limit: 10_000 });
  const ids = (members: readonly { readonly customerId: string }[]): string[] =>
    members.map(({ customerId }) => customerId).sort();

  async function recomputed(client: Queryable, condition: Condition, now: number) {
    const found: string[] = [];
    const at = { workspaceId: kit.workspaceId, now };
    for await (const page of recomputeMembers(client, condition, at)) found.push(...page);
    return found.sort();
  }

  it('is what SQL computes out of everything, and can be looked up for every instant afterwards', async () => {
    const log = fc.array(anyRequest, { minLength: 5, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(log, async (requests) => {
        runs += 1;
        const past: { clock: number; segment: string; members: string[] }[] = [];
        for (const request of requests) {
          const clock = await take(request.map((draw) => eventOf(draw, runs)));
          for (const [segment, condition] of Object.entries(SEGMENTS)) {
            const [live, fromScratch] = await read(async (client) => [
              ids(await present(client, segment)),
              await recomputed(client, condition, clock),
            ]);
            expect([segment, live]).toEqual([segment, fromScratch]);
            past.push({ clock, segment, members: live });
          }
        }
        await expectPast(past);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  }, 600_000);

  async function expectPast(
    past: readonly { clock: number; segment: string; members: string[] }[],
  ): Promise<void> {
    for (const { clock, segment, members } of past) {
      const asOf = new Date(clock).toISOString();
      const page = { segment, asOf, after: null, limit: 10_000 };
      const [found, points] = await read(async (client) => [
        await listMembersAsOf(client, kit.workspaceId, page),
        await readSizeHistory(client, kit.workspaceId, {
          segment,
          from: asOf,
          to: asOf,
          bucket: 'hour',
        }),
      ]);
      expect([segment, asOf, ids(found)]).toEqual([segment, asOf, members]);
      expect(points).toHaveLength(1);
    }
    for (const segment of Object.keys(SEGMENTS)) await expectSizes(segment);
  }

  /** The running sum of what happened is the number of people there are. */
  async function expectSizes(segment: string): Promise<void> {
    const [size, count] = await read(async (client) => {
      const to = '2100-01-01';
      const wanted = { segment, from: to, to, bucket: 'day' as const };
      const points = await readSizeHistory(client, kit.workspaceId, wanted);
      return [points[0]?.size, (await present(client, segment)).length];
    });
    expect([segment, size]).toEqual([segment, count]);
  }
});

type Draw = (typeof anyRequest extends fc.Arbitrary<infer T> ? T : never)[number];

/** People of their own for every run: those of the last have become one by now. */
function eventOf({ userId, anonymousId, what, cart, plan, age }: Draw, run: number) {
  return (at: number): TestEvent => {
    const base = {
      anonymousId: `${run}-${anonymousId}`,
      ...(userId === undefined ? {} : { userId: `${run}-${userId}` }),
      timestamp: new Date(at - age * MINUTE).toISOString(),
    };
    return what === 'plan'
      ? { ...base, type: 'identify', traits: { plan } }
      : { ...base, type: 'track', event: what, properties: { cart } };
  };
}
