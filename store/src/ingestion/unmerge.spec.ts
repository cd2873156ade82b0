import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LaneCommand } from './lane-commands.js';
import { identify, openLaneKit, track, type LaneKit, type TestEvent } from './testing/lane-kit.js';

const PEOPLE = {
  ada: { userId: 'ada', anonymousId: 'ada-phone' },
  bob: { userId: 'bob', anonymousId: 'bob-phone' },
  eve: { userId: 'eve', anonymousId: 'eve-phone' },
} as const;

type Name = keyof typeof PEOPLE;

const CART_JOURNEY = {
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
} as const;

const VIP_JOURNEY = {
  ...CART_JOURNEY,
  key: 'vip',
  name: 'Big buyers',
  trigger: { kind: 'segment', segment: 'big', on: 'entered' },
  entry: { reentry: 'once' },
  exits: [],
} as const;

const ONCE_JOURNEY = { ...CART_JOURNEY, key: 'once', entry: { reentry: 'once' } } as const;

const SEGMENTS: Readonly<Record<string, unknown>> = {
  big: { event: 'Order Completed', count: { gte: 2 } },
  pro: { trait: 'plan', op: 'equals', value: 'pro' },
  quiet: { not: { segment: 'big' } },
  recent: { event: 'Order Completed', within: { minutes: 45 } },
};

/** What must be as if the two had never been one; what the lane itself counts is not of them. */
const STATE: Readonly<Record<string, string>> = {
  customers: 'select customer_id, traits, facts, merged_into from customer order by 1',
  identifiers: 'select type, value, customer_id, origin_id from identifier order by 1, 2',
  events: 'select position, ordinal, customer_id, name from event order by 1, 2',
  consents:
    'select customer_id, purpose, channel, state, event_time, position, ordinal from consent order by 1, 2, 3',
  memberships:
    'select customer_id, segment_key, version, since from segment_membership order by 1, 2',
  enrolments: `select enrolment_id, journey_key, customer_id, subject_id, entry_key, superseded, exit_request
                 from enrolment where exit_request ->> 'reason' is distinct from 'unmerged' order by 1`,
  merges:
    'select position, survivor_id, absorbed_id, survivor_state, absorbed_state from customer_merge where undone_position is null order by position',
  goals: 'select enrolment_id, goal_id, position, ordinal from goal_conversion order by 1, 2',
};

const DERIVED = `customer, identifier, identifier_change, customer_merge, trait_change, consent, consent_change, suppression, event, quarantine,
  segment_membership, segment_membership_change, customer_due, enrolment, wait, goal_conversion, outbox, message_seen, revocation_pending,
  identity_sighting, identity_separation, identity_alert`;

describe('unmerge', () => {
  let kit: LaneKit;

  beforeAll(async () => {
    kit = await openLaneKit();
    for (const [key, condition] of Object.entries(SEGMENTS))
      await kit.publish('segment', { key, name: key, condition });
    for (const journey of [CART_JOURNEY, VIP_JOURNEY, ONCE_JOURNEY])
      await kit.publish('journey', journey);
    await kit.rows('select ensure_partitions(90)');
    await kit.drain();
  });
  afterAll(() => kit.close());

  async function idOf(name: Name): Promise<string> {
    const [row] = await kit.rows<{ customer_id: string }>(
      `select coalesce(c.merged_into, c.customer_id) as customer_id from identifier i join customer c on c.customer_id = i.origin_id
        where i.type = 'user_id' and i.value = $1`,
      [PEOPLE[name].userId],
    );
    return row?.customer_id ?? '';
  }

  async function originOf(name: Name): Promise<string> {
    const [row] = await kit.rows<{ origin_id: string }>(
      `select origin_id from identifier where type = 'user_id' and value = $1`,
      [PEOPLE[name].userId],
    );
    return row?.origin_id ?? '';
  }

  async function state(): Promise<Record<string, unknown>> {
    const tables: Record<string, unknown> = {};
    for (const [name, sql] of Object.entries(STATE)) tables[name] = await kit.rows(sql);
    return tables;
  }

  async function meet(...names: Name[]): Promise<void> {
    await kit.rows(`truncate ${DERIVED}`);
    await kit.rows('update lane set position = a.position, clock = a.clock from lane_append a');
    for (const name of names) await kit.send(identify(PEOPLE[name], { nick: name }));
    await kit.drain();
  }

  async function merge(a: Name, b: Name): Promise<void> {
    const customerIds = [await originOf(a), await originOf(b)] as const;
    await kit.command({ kind: 'merge', customerIds });
    await kit.drain();
  }

  async function unmerge(name: Name): Promise<void> {
    await kit.command({ kind: 'unmerge', absorbedId: await originOf(name), position: null });
    await kit.drain();
  }

  it('gives each their own identifiers, traits and segments back', async () => {
    await meet('ada', 'bob');
    await kit.send(track('Order Completed', PEOPLE.ada));
    await kit.send(track('Order Completed', PEOPLE.bob));
    await kit.drain();
    const before = await state();
    await merge('bob', 'ada');
    expect(await idOf('ada')).toBe(await idOf('bob'));
    expect(
      await kit.rows(`select 1 from segment_membership where segment_key = 'big'`),
    ).toHaveLength(1);
    await unmerge('bob');
    expect(await state()).toEqual(before);
    expect(await idOf('ada')).not.toBe(await idOf('bob'));
  });

  it('lets events since the merge go with those whose identifiers they carry', async () => {
    await meet('ada', 'bob');
    await merge('ada', 'bob');
    await kit.send(identify(PEOPLE.bob, { plan: 'pro' }));
    await kit.send(identify({ anonymousId: 'ada-phone' }, { plan: 'free' }));
    await kit.drain();
    await unmerge('bob');
    const plans = await kit.rows(
      `select i.value, c.traits -> 'plan' ->> 'v' as plan from customer c join identifier i using (customer_id)
        where i.type = 'user_id' order by 1`,
    );
    expect(plans).toEqual([
      { value: 'ada', plan: 'free' },
      { value: 'bob', plan: 'pro' },
    ]);
  });

  it('keeps the history of the log: moved and moved back', async () => {
    await meet('ada', 'bob');
    await merge('ada', 'bob');
    await unmerge('bob');
    const changes = await kit.rows(
      `select change, from_customer_id, to_customer_id from identifier_change where value = 'bob' order by position`,
    );
    const [ada, bob] = [await originOf('ada'), await originOf('bob')];
    expect(changes).toEqual([
      { change: 'added', from_customer_id: null, to_customer_id: bob },
      { change: 'moved', from_customer_id: bob, to_customer_id: ada },
      { change: 'moved', from_customer_id: ada, to_customer_id: bob },
    ]);
    const merges = await kit.rows(
      'select cause, undone_position is not null as undone from customer_merge',
    );
    expect(merges).toEqual([{ cause: 'operator', undone: true }]);
  });

  it('does nothing where there is nothing to part, and nothing twice', async () => {
    await meet('ada', 'bob');
    const before = await state();
    await unmerge('bob');
    expect(await state()).toEqual(before);
    await merge('ada', 'bob');
    await unmerge('bob');
    await unmerge('bob');
    expect(await state()).toEqual(before);
  });

  describe('of two whom an event merged', () => {
    const both = { userId: 'ada', anonymousId: 'bob-phone' };

    beforeAll(async () => {
      await kit.rows(`truncate ${DERIVED}`);
      await kit.send(track('Page', { anonymousId: 'bob-phone' }));
      await kit.send(track('Page', { userId: 'ada' }));
      await kit.send(track('Signed In', both));
      await kit.drain();
      const [merged] = await kit.rows<{ absorbed_id: string; position: number }>(
        'select absorbed_id, position from customer_merge',
      );
      if (merged === undefined) throw new TypeError('the event has merged nobody');
      await kit.command({
        kind: 'unmerge',
        absorbedId: merged.absorbed_id,
        position: merged.position,
      });
      await kit.drain();
    });

    const owners = () =>
      kit.rows<{ value: string; customer_id: string }>(
        'select value, customer_id from identifier order by value',
      );

    it('gives the event to whom its stronger identifier names', async () => {
      const [ada, bob] = await owners();
      const events = await kit.rows<{ customer_id: string }>(
        'select customer_id from event order by position',
      );
      expect(events.map((row) => row.customer_id)).toEqual([
        bob?.customer_id,
        ada?.customer_id,
        ada?.customer_id,
      ]);
    });

    it('does not merge them again by the same evidence, however often it comes', async () => {
      const before = await owners();
      await kit.send(track('Signed In', both));
      await kit.send(track('Signed In', both));
      await kit.drain();
      expect(await owners()).toEqual(before);
    });

    it('merges them by new evidence', async () => {
      await kit.send(track('Mail', { userId: 'ada' }, { traits: { email: 'ab@example.com' } }));
      await kit.send(identify({ userId: 'ada' }, { email: 'ab@example.com' }));
      await kit.send(identify({ anonymousId: 'bob-phone' }, { email: 'ab@example.com' }));
      await kit.drain();
      expect(new Set((await owners()).map((row) => row.customer_id)).size).toBe(1);
    });
  });

  it('takes one of three out of the middle', async () => {
    await meet('ada', 'bob', 'eve');
    await kit.send(track('Order Completed', PEOPLE.eve));
    await kit.drain();
    await merge('ada', 'bob');
    await merge('ada', 'eve');
    await kit.send(identify(PEOPLE.bob, { plan: 'pro' }));
    await kit.send(identify(PEOPLE.eve, { plan: 'free' }));
    await kit.drain();
    await unmerge('bob');
    expect(await idOf('ada')).toBe(await idOf('eve'));
    const [bob] = await kit.rows(
      `select merged_into, traits from customer where customer_id = $1`,
      [await originOf('bob')],
    );
    expect(bob).toMatchObject({
      merged_into: null,
      traits: { nick: { v: 'bob' }, plan: { v: 'pro' } },
    });
    const [rest] = await kit.rows('select traits from customer where customer_id = $1', [
      await idOf('ada'),
    ]);
    expect(rest).toMatchObject({ traits: { nick: { v: 'eve' }, plan: { v: 'free' } } });
  });

  type Happening = (at: number) => TestEvent;

  /** Only ever one person's identifiers on an event, and none that are new. */
  const happening: fc.Arbitrary<Happening> = fc
    .record({
      name: fc.constantFrom<Name>('ada', 'bob', 'eve'),
      signedIn: fc.boolean(),
      what: fc.constantFrom('cart', 'order', 'plan', 'consent'),
      key: fc.constantFrom('c1', 'c2'),
      value: fc.constantFrom('free', 'pro'),
      ageMinutes: fc.integer({ min: 0, max: 60 }),
    })
    .map(({ name, signedIn, what, key, value, ageMinutes }) => (at: number): TestEvent => {
      const { userId, anonymousId } = PEOPLE[name];
      const who = signedIn ? { userId } : { anonymousId };
      const timestamp = new Date(at - ageMinutes * 60_000).toISOString();
      const properties = { cart_id: key };
      switch (what) {
        case 'cart':
          return track('Product Added', who, { timestamp, properties });
        case 'order':
          return track('Order Completed', who, { timestamp, properties });
        case 'plan':
          return identify(who, { plan: value }, { timestamp });
        case 'consent': {
          const consent = {
            purpose: 'news',
            channel: 'email',
            state: value === 'pro' ? 'granted' : 'denied',
          };
          return track('Consent Changed', who, { timestamp, properties: consent });
        }
      }
    });

  const STEP_MS = 6 * 60_000;
  const RUNS = Number(process.env['TL_PROPERTY_RUNS'] ?? 12);

  type Act = Happening | { readonly command: LaneCommand; readonly dropped: boolean };

  /** Carries out a script on fresh people, an act each six minutes, and answers what is there; then the same without what is dropped. */
  async function twice(
    names: readonly Name[],
    scriptOf: (ids: Readonly<Record<Name, string>>) => readonly Act[],
  ): Promise<{ with: unknown; without: unknown }> {
    await meet(...names);
    const ids = {
      ada: await originOf('ada'),
      bob: await originOf('bob'),
      eve: await originOf('eve'),
    };
    const [start] = await kit.rows<{ position: number; ms: number }>(
      'select l.position::int, extract(epoch from a.clock)::float8 * 1000 as ms from lane l, lane_append a',
    );
    if (start === undefined) throw new TypeError('the workspace has a lane');
    const script = scriptOf(ids);
    const dropped: number[] = [];
    for (const [index, act] of script.entries()) {
      if (typeof act === 'function') await kit.send(act(start.ms + (index + 1) * STEP_MS));
      else {
        const position = await kit.command(act.command);
        if (act.dropped) dropped.push(position);
      }
    }
    await kit.rows(
      'update event_log set clock = to_timestamp(($1 + (position - $2) * $3) / 1000.0) where position > $2',
      [start.ms, start.position, STEP_MS],
    );
    await kit.rows('update lane_append set clock = to_timestamp($1 / 1000.0)', [
      start.ms + script.length * STEP_MS,
    ]);
    await kit.drain(5);
    const after = await state();
    await kit.rows(`update event_log set body = '{"kind":"none"}' where position = any($1)`, [
      dropped,
    ]);
    await kit.rows(`truncate ${DERIVED}`);
    // From where they met: their identify calls are the rows before this place.
    await kit.rows(`update lane set position = $1, clock = '-infinity'`, [
      start.position - names.length,
    ]);
    await kit.drain(5);
    return { with: after, without: await state() };
  }

  const merging = (a: string, b: string, dropped: boolean): Act => ({
    command: { kind: 'merge', customerIds: [a, b] },
    dropped,
  });

  const parting = (absorbedId: string): Act => ({
    command: { kind: 'unmerge', absorbedId, position: null },
    dropped: true,
  });

  const acts = fc.array(happening, { maxLength: 12 });

  it('leaves what would be there had the two never been one', async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, fc.boolean(), async (before, between, swap) => {
        const { with: parted, without } = await twice(['ada', 'bob', 'eve'], ({ ada, bob }) => [
          ...before,
          swap ? merging(bob, ada, true) : merging(ada, bob, true),
          ...between,
          parting(bob),
        ]);
        expect(parted).toEqual(without);
      }),
      { numRuns: RUNS },
    );
  }, 600_000);

  it('leaves the other merges as they are, whoever survived them', async () => {
    const order = fc.shuffledSubarray<Name>(['ada', 'bob', 'eve'], { minLength: 3 });
    await fc.assert(
      fc.asyncProperty(order, fc.tuple(acts, acts, acts, acts), async (names, parts) => {
        const [before, between, later, last] = parts;
        const { with: parted, without } = await twice(names, (ids) => {
          const [oldest, middle, youngest] = names.map((name) => ids[name]);
          if (oldest === undefined || middle === undefined || youngest === undefined) return [];
          return [
            ...before,
            merging(middle, youngest, true),
            ...between,
            merging(middle, oldest, false),
            ...later,
            parting(youngest),
            ...last,
          ];
        });
        expect(parted).toEqual(without);
      }),
      { numRuns: RUNS },
    );
  }, 600_000);
});
