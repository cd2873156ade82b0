import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ParsedEvent } from '@throughline/domain/ingestion';
import { DEFAULT_RULES } from '@throughline/domain/identity';
import type { MutableFacts } from '@throughline/domain/profiles';
import { compileSegments, countInto, type SegmentDefinition } from '@throughline/domain/segments';
import { SegmentDefinitionSchema } from '@throughline/domain/segments/schemas';
import { newId } from '../shared/index.js';
import type { ApplyContext } from './lane-apply.js';
import {
  attachBuilds,
  ensureBuilt,
  factsToBuild,
  readCounted,
  recount,
  type Backfill,
  type PastEvent,
} from './lane-build.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { newWork } from './lane-load.js';
import { takeChanges } from './lane-membership.js';
import { recordEvent } from './lane-record.js';
import { instant, noWrites, type CustomerWork } from './lane-work.js';
import { openLaneKit, track, type LaneKit } from './testing/lane-kit.js';

const CLOCK = 1_767_323_045_678;

function segment(key: string, condition: unknown): SegmentDefinition {
  return SegmentDefinitionSchema.parse({ key, name: key, condition });
}

const BUYERS = segment('buyers', { event: 'Order Completed', count: { gte: 2 } });
const BROWSERS = segment('browsers', { event: 'Product Viewed', count: { gte: 1 } });
const BOTH = segment('both', { all: [{ segment: 'buyers' }, { segment: 'browsers' }] });

function definitionsOf(...segments: readonly SegmentDefinition[]): LaneDefinitions {
  return {
    segments: compileSegments(segments),
    identity: DEFAULT_RULES,
    segmentVersions: new Map(segments.map(({ key }) => [key, 3])),
    timed: false,
    journeys: [],
    byEvent: new Map(),
    bySegment: new Map(),
    dated: [],
    remembered: [],
    journey: () => undefined,
    remember: () => undefined,
  };
}

function contextOf(definitions: LaneDefinitions, ...customers: CustomerWork[]): ApplyContext {
  return {
    workspaceId: newId(),
    definitions,
    customers: new Map(customers.map((customer) => [customer.id, customer])),
    writes: noWrites(),
    positionAt: () => 9,
  };
}

const person = (): CustomerWork => newWork(newId(), { position: 1, ordinal: 0, clock: CLOCK });
const happened = (name: string, eventTime = CLOCK): PastEvent => ({
  name,
  properties: {},
  eventTime,
});

function backfill(overrides: Partial<Backfill> = {}): Backfill {
  return { position: 5, facts: [], segments: [], cursor: null, ...overrides };
}

describe('facts that are counted anew', () => {
  const { segments } = definitionsOf(BUYERS, BROWSERS);
  const { facts } = segments;

  it('are those that a backfill asks for, once each, and still exist', () => {
    const definitions = definitionsOf(BUYERS, BROWSERS);
    const [orders, views] = definitions.segments.facts.map(({ key }) => key);
    const wanted = [
      backfill({ facts: [orders ?? '', 'gone'] }),
      backfill({ position: 6, facts: [orders ?? ''] }),
    ];
    expect(factsToBuild(definitions, wanted).map(({ key }) => key)).toEqual([orders]);
    expect(factsToBuild(definitions, [])).toEqual([]);
    expect(factsToBuild(definitions, [backfill({ facts: [views ?? ''] })])).toHaveLength(1);
  });

  it('come to what counting each event as it came would have come to', () => {
    const names = fc.array(fc.constantFrom('Order Completed', 'Product Viewed', 'Other'));
    fc.assert(
      fc.property(names, names, (past, before) => {
        const direct: MutableFacts = {};
        for (const name of past) countInto(direct, segments.factsByEvent(name), happened(name));
        const rebuilt: MutableFacts = {};
        for (const name of before) countInto(rebuilt, segments.factsByEvent(name), happened(name));
        recount(
          rebuilt,
          facts,
          past.map((name) => happened(name)),
        );
        expect(rebuilt).toEqual(direct);
      }),
    );
  });

  it('leave the others as they stand', () => {
    const [orders] = facts;
    const kept: MutableFacts = {};
    for (const name of ['Order Completed', 'Product Viewed'])
      countInto(kept, segments.factsByEvent(name), happened(name));
    const before = structuredClone(kept);
    recount(kept, orders === undefined ? [] : [orders], []);
    expect(kept).toEqual(
      Object.fromEntries(Object.entries(before).filter(([key]) => key !== orders?.key)),
    );
  });
});

describe('a customer who lacks something', () => {
  function lacking(segments: readonly string[], events: readonly PastEvent[]): CustomerWork {
    const definitions = definitionsOf(BUYERS, BROWSERS, BOTH);
    return {
      ...person(),
      pendingBuild: { positions: [5, 7], facts: definitions.segments.facts, segments, events },
    };
  }

  const past = ['Order Completed', 'Order Completed', 'Product Viewed'].map((name) =>
    happened(name),
  );

  it('is built before anything happens to them, with what they have done and what follows from it', () => {
    const customer = lacking(['buyers', 'browsers'], past);
    const context = contextOf(definitionsOf(BUYERS, BROWSERS, BOTH), customer);
    ensureBuilt(context, customer, { position: 8, clock: CLOCK });
    expect([...customer.members.keys()].sort()).toEqual(['both', 'browsers', 'buyers']);
    expect(customer.members.get('buyers')).toEqual({
      version: 3,
      since: CLOCK,
      position: 8,
      ordinal: -2_000_000,
    });
    expect(context.writes.membershipChanges).toHaveLength(3);
    for (const change of context.writes.membershipChanges)
      expect(change).toMatchObject({
        change: 'entered',
        at: instant(CLOCK),
        clock: instant(CLOCK),
      });
    expect(context.writes.built).toEqual([
      { position: 5, customer_id: customer.id },
      { position: 7, customer_id: customer.id },
    ]);
    expect(context.writes.touched.get(customer.id)).toBe(customer);
    expect(customer).toMatchObject({ pendingBuild: null, changed: true });
  });

  it('is built once', () => {
    const customer = lacking(['buyers'], past);
    const context = contextOf(definitionsOf(BUYERS, BROWSERS, BOTH), customer);
    ensureBuilt(context, customer, { position: 8, clock: CLOCK });
    ensureBuilt(context, customer, { position: 9, clock: CLOCK + 1 });
    expect(context.writes.built).toHaveLength(2);
    expect(context.writes.membershipChanges.every((row) => row['position'] === 8)).toBe(true);
  });

  it('leaves what they are no longer in by what they really did', () => {
    const customer = lacking(['buyers'], [happened('Order Completed')]);
    customer.members.set('buyers', { version: 2, since: 0, position: 1, ordinal: 0 });
    const context = contextOf(definitionsOf(BUYERS, BROWSERS, BOTH), customer);
    ensureBuilt(context, customer, { position: 8, clock: CLOCK });
    expect(customer.members.has('buyers')).toBe(false);
    expect(context.writes.membershipChanges).toMatchObject([
      { segment_key: 'buyers', change: 'left', version: 3 },
    ]);
  });

  it('who lacks nothing is left alone', () => {
    const customer = person();
    const context = contextOf(definitionsOf(BUYERS), customer);
    ensureBuilt(context, customer, { position: 8, clock: CLOCK });
    expect(context.writes).toEqual(noWrites());
    expect(customer.changed).toBe(false);
  });
});

describe('a change of membership', () => {
  const ref = { position: 4, ordinal: 2, clock: CLOCK };

  it('is written into the present and the history, each with the input that brought it about', () => {
    const customer = person();
    const context = contextOf(definitionsOf(BUYERS), customer);
    const entered = [{ segment: 'buyers', change: 'entered' as const }];
    takeChanges(context, customer, { changes: entered, ref, at: CLOCK - 5, imported: false });
    expect(customer.members.get('buyers')).toEqual({
      version: 3,
      since: CLOCK - 5,
      position: 4,
      ordinal: 2,
    });
    const left = [{ segment: 'buyers', change: 'left' as const }];
    const later = { ...ref, ordinal: 3 };
    takeChanges(context, customer, { changes: left, ref: later, at: CLOCK, imported: false });
    expect(customer.members.size).toBe(0);
    expect(context.writes.membershipChanges).toMatchObject([
      { change: 'entered', ordinal: 2, at: instant(CLOCK - 5), clock: instant(CLOCK) },
      { change: 'left', ordinal: 3, at: instant(CLOCK), clock: instant(CLOCK) },
    ]);
  });

  it('in a segment without a version of its own is of the first', () => {
    const customer = person();
    const context = contextOf(definitionsOf(), customer);
    const changes = [{ segment: 'hidden', change: 'entered' as const }];
    takeChanges(context, customer, { changes, ref, at: CLOCK, imported: true });
    expect(context.writes.membershipChanges).toMatchObject([{ version: 1 }]);
  });

  it('that is none writes nothing', () => {
    const customer = person();
    const context = contextOf(definitionsOf(BUYERS), customer);
    takeChanges(context, customer, { changes: [], ref, at: CLOCK, imported: false });
    expect(context.writes).toEqual(noWrites());
  });
});

describe('the record of an event', () => {
  const event: ParsedEvent = {
    ref: { position: 4, ordinal: 2, clock: CLOCK },
    messageId: 'm-1',
    type: 'track',
    name: 'Order Completed',
    sourceKey: 'web',
    eventTime: CLOCK - 10,
    originalTime: null,
    identifiers: [{ type: 'user_id', value: 'u-1' }],
    previous: [],
    customerId: null,
    traits: {},
    properties: { total: 5 },
    context: {},
    consents: [],
    hop: 1,
    imported: false,
  };

  it('is one row for the timeline, its body, and its id against a repeat', () => {
    const writes = noWrites();
    const originId = newId();
    recordEvent(writes, originId, event);
    recordEvent(writes, originId, { ...event, messageId: 'm-2', originalTime: CLOCK - 99 });
    expect(writes.events).toMatchObject([
      {
        customer_id: originId,
        message_id: 'm-1',
        original_time: null,
        event_time: instant(CLOCK - 10),
      },
      { message_id: 'm-2', original_time: instant(CLOCK - 99), hop: 1 },
    ]);
    expect(writes.eventBodies).toHaveLength(writes.events.length);
    expect(writes.seen.map(({ message_id: id }) => id)).toEqual(['m-1', 'm-2']);
  });

  it('knows the same event again, and another one under the same id', () => {
    const writes = noWrites();
    recordEvent(writes, newId(), event);
    recordEvent(writes, newId(), event);
    recordEvent(writes, newId(), { ...event, properties: { total: 6 } });
    const [first, same, other] = writes.seen.map(({ fingerprint }) => fingerprint);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe('what a backfill reads', () => {
  let kit: LaneKit;
  let people: string[];

  beforeAll(async () => {
    kit = await openLaneKit();
    await kit.send(track('Order Completed', { userId: 'ada' }, { properties: { total: 5 } }));
    await kit.send(track('Order Completed', { anonymousId: 'a-1' }));
    await kit.send(track('Other', { userId: 'ada', anonymousId: 'a-1' }));
    await kit.send(track('Product Viewed', { userId: 'bob' }));
    await kit.drain();
    const rows = await kit.rows<{ customer_id: string }>(
      'select customer_id from customer where merged_into is null order by customer_id',
    );
    people = rows.map(({ customer_id: id }) => id);
  });
  afterAll(() => kit.close());

  const { segments } = definitionsOf(BUYERS, BROWSERS);

  it('is the events that count, in order, those of absorbed profiles too', async () => {
    const client = await kit.laneClient();
    const [orders] = segments.facts.filter(({ event }) => event === 'Order Completed');
    const facts = orders === undefined ? [] : [orders];
    const events = await readCounted(client, kit.workspaceId, { people, facts });
    const [ada = ''] = people;
    expect([...events.keys()]).toEqual([ada]);
    expect(events.get(ada)?.map(({ name, properties }) => [name, properties])).toEqual([
      ['Order Completed', { total: 5 }],
      ['Order Completed', {}],
    ]);
  });

  it('is nothing for nobody, and nothing where nothing is counted', async () => {
    const client = await kit.laneClient();
    const { facts } = segments;
    const read = (of: readonly string[], counted: typeof facts) =>
      readCounted(client, kit.workspaceId, { people: of, facts: counted });
    expect([(await read([], facts)).size, (await read(people, [])).size]).toEqual([0, 0]);
    expect((await read([newId()], facts)).size).toBe(0);
  });

  it('is asked only for those whose page has not come, who are not built, and who are not new', async () => {
    const client = await kit.laneClient();
    const [ada = '', bob = ''] = people;
    await kit.rows(
      'insert into segment_built (workspace_id, position, customer_id) values ($1, 5, $2)',
      [kit.workspaceId, bob],
    );
    const loaded = (id: string): CustomerWork => ({ ...person(), id, isNew: false });
    const customers = new Map(
      [loaded(ada), loaded(bob), { ...person(), id: 'new' }].map((one) => [one.id, one]),
    );
    const keys = segments.facts.map(({ key }) => key);
    const definitions = definitionsOf(BUYERS, BROWSERS);
    const { workspaceId } = kit;
    const backfills = [
      backfill({ position: 5, facts: keys, segments: ['buyers'] }),
      backfill({ position: 6, facts: keys, segments: ['browsers'], cursor: ada }),
    ];
    await attachBuilds(client, { workspaceId, definitions, backfills }, customers);
    expect(customers.get(ada)?.pendingBuild).toMatchObject({
      positions: [5],
      segments: ['buyers'],
    });
    expect(customers.get(ada)?.pendingBuild?.events).toHaveLength(2);
    expect(customers.get(bob)?.pendingBuild).toMatchObject({
      positions: [6],
      segments: ['browsers'],
    });
    expect(customers.get('new')?.pendingBuild).toBeNull();
  });
});
