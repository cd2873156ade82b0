import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { isIdle, LaneProcessor } from './lane-processor.js';
import { runLanes } from './run-lanes.js';
import { openLaneKit, track, type LaneKit } from './testing/lane-kit.js';

const HOUR = 3_600_000;

describe('memberships that change by time alone', () => {
  let kit: LaneKit;

  beforeEach(async () => {
    kit = await openLaneKit();
  });
  afterEach(() => kit.close());

  const bought = (userId: string, msAgo: number) =>
    track('Order Completed', { userId }, { timestamp: new Date(Date.now() - msAgo).toISOString() });
  const changes = () =>
    kit.rows<{ segment: string; change: string; late: number }>(
      `select segment_key as segment, change, extract(epoch from clock - at)::float8 * 1000 as late
         from segment_membership_change order by position, ordinal`,
    );
  const within = (key: string, duration: unknown) =>
    kit.publish('segment', {
      key,
      name: key,
      condition: { event: 'Order Completed', within: duration },
    });

  it('lets a person leave at the millisecond at which the window ends, with nobody sending anything', async () => {
    await within('recent', { hours: 1 });
    await kit.send(bought('u', HOUR - 400));
    await kit.drain();
    expect((await changes()).map(({ change }) => change)).toEqual(['entered']);
    const runner = runLanes({ url: kit.url });
    try {
      await eventually(async () => {
        expect((await changes()).map(({ change }) => change)).toEqual(['entered', 'left']);
      });
    } finally {
      await runner.close();
    }
    const [exact] = await kit.rows(
      `select c.at = e.event_time + interval '1 hour' as at, c.clock = c.at as clock
         from segment_membership_change c, event e where c.change = 'left'`,
    );
    expect(exact).toEqual({ at: true, clock: true });
    expect(await kit.rows('select 1 from segment_membership')).toEqual([]);
    expect(await kit.rows('select 1 from customer_due')).toEqual([]);
  });

  it('lets a person enter "no purchase for an hour" by itself, which starts the journey that waits for it', async () => {
    await kit.publish('segment', {
      key: 'lapsed',
      name: 'Lapsed',
      condition: { lastEvent: 'Order Completed', op: 'olderThan', value: { hours: 1 } },
    });
    await kit.publish('journey', {
      key: 'win-back',
      name: 'Win back',
      trigger: { kind: 'segment', segment: 'lapsed', on: 'entered' },
      start: 'end',
      steps: { end: { kind: 'exit', reason: 'over' } },
      entry: { reentry: 'once' },
      purpose: 'marketing',
    });
    await kit.send(bought('u', HOUR - 300));
    const runner = runLanes({ url: kit.url });
    try {
      await eventually(async () => {
        expect(await kit.rows('select journey_key from enrolment')).toEqual([
          { journey_key: 'win-back' },
        ]);
      });
    } finally {
      await runner.close();
    }
  });

  it('applies what fell due while nobody held the lane in its order, before the next event of that person', async () => {
    await within('day', { hours: 3 });
    await within('hour', { hours: 2 });
    await kit.send(bought('u', HOUR));
    await kit.drain();
    // Hours pass before anything comes.
    await kit.rows("update lane_append set clock = clock + interval '5 hours'");
    await kit.send(track('Page Viewed', { userId: 'u' }));
    await kit.send(bought('u', -5 * HOUR));
    await kit.drain();
    expect((await changes()).map(({ segment, change }) => `${change} ${segment}`)).toEqual([
      'entered day',
      'entered hour',
      'left hour',
      'left day',
      'entered day',
      'entered hour',
    ]);
    const left = await kit.rows(
      `select extract(epoch from c.at - e.event_time)::int as after from segment_membership_change c,
              (select event_time from event order by position limit 1) e where c.change = 'left' order by c.ordinal`,
    );
    expect(left).toEqual([{ after: 7_200 }, { after: 10_800 }]);
  });

  it('settles a crowd that falls due at once in pages, each a transaction, before it goes on', async () => {
    await within('recent', { hours: 2 });
    const at = new Date(Date.now() - HOUR).toISOString();
    for (let from = 0; from < 2_300; from += 575) {
      const crowd = Array.from({ length: 575 }, (_, index) =>
        track('Order Completed', { userId: `u${from + index}` }, { timestamp: at }),
      );
      await kit.sendBatch(crowd);
    }
    await kit.drain();
    expect(await kit.rows('select count(*)::int as n from segment_membership')).toEqual([
      { n: 2_300 },
    ]);
    await kit.rows("update lane_append set clock = clock + interval '3 hours'");
    await kit.send(track('Page Viewed', { userId: 'u1' }));
    const client = await kit.laneClient();
    const lane = await LaneProcessor.take(client, { workspaceId: kit.workspaceId });
    const pages: number[][] = [];
    for (;;) {
      const progress = await lane?.processOnce();
      if (progress === undefined || isIdle(progress)) break;
      pages.push([progress.rows, progress.due]);
    }
    expect(pages).toEqual([
      [0, 1_000],
      [0, 1_000],
      [1, 300],
    ]);
    expect(await kit.rows('select 1 from segment_membership')).toEqual([]);
    expect(
      await kit.rows(
        'select count(distinct position)::int as n from segment_membership_change where change = $1',
        ['left'],
      ),
    ).toEqual([{ n: 1 }]);
  });

  it('keeps the earlier time of two people who become one', async () => {
    await within('recent', { hours: 2 });
    await kit.send(bought('a', HOUR));
    await kit.send(track('Order Completed', { anonymousId: 'b' }));
    await kit.send({ type: 'identify', userId: 'a', anonymousId: 'b', messageId: 'm', traits: {} });
    await kit.drain();
    expect(await kit.rows('select count(*)::int as n from customer_due')).toEqual([{ n: 1 }]);
    await kit.rows("update lane_append set clock = clock + interval '90 minutes'");
    await kit.send(track('Page Viewed', { userId: 'a' }));
    await kit.drain();
    // The younger purchase keeps the united person in.
    expect(await kit.rows('select segment_key from segment_membership')).toEqual([
      { segment_key: 'recent' },
    ]);
  });
});

describe('a definition published over people who are here already', () => {
  let kit: LaneKit;

  beforeEach(async () => {
    kit = await openLaneKit();
  });
  afterEach(() => kit.close());

  const buyers = {
    key: 'buyers',
    name: 'Buyers',
    condition: { event: 'Order Completed', count: { gte: 2 } },
  };
  const crowd = async (people: number): Promise<void> => {
    const events = Array.from({ length: people }, (_, index) => [
      track('Order Completed', { userId: `u${index}` }),
      track('Order Completed', { userId: `u${index}` }),
    ]).flat();
    for (let from = 0; from < events.length; from += 500)
      await kit.sendBatch(events.slice(from, from + 500));
    await kit.drain();
  };

  it('is built page by page, with events in between, and nobody is left out', async () => {
    await crowd(1_200);
    await kit.publish('segment', buyers);
    await kit.drain();
    expect(await kit.rows('select count(*)::int as n from segment_membership')).toEqual([
      { n: 1_200 },
    ]);
    expect(
      await kit.rows("select count(*)::int as n from event_log where kind = 'backfill'"),
    ).toEqual([{ n: 3 }]);
    expect(
      await kit.rows(
        'select done::int, total::int, finished_at is not null as finished from segment_backfill',
      ),
    ).toEqual([{ done: 1_200, total: 1_200, finished: true }]);
  });

  it('builds whoever is touched before their page comes, at that moment and by all their events', async () => {
    await crowd(700);
    await kit.publish('segment', buyers);
    await kit.publish('segment', {
      key: 'three',
      name: 'Three',
      condition: { event: 'Order Completed', count: { gte: 3 } },
    });
    const [last] = await kit.rows<{ value: string }>(
      "select i.value from customer c join identifier i using (customer_id) where i.type = 'user_id' order by c.customer_id desc limit 1",
    );
    await kit.send(track('Order Completed', { userId: last?.value ?? '' }));
    const client = await kit.laneClient();
    const lane = await LaneProcessor.take(client, { workspaceId: kit.workspaceId });
    // definitions, definitions, the event: no page has been built yet.
    for (let step = 0; step < 3; step++) await lane?.processOnce();
    const memberships = () =>
      kit.rows(
        `select m.segment_key from segment_membership m join identifier i using (customer_id) where i.value = $1 order by 1`,
        [last?.value],
      );
    expect(await memberships()).toEqual([{ segment_key: 'buyers' }, { segment_key: 'three' }]);
    expect(
      await kit.rows('select count(distinct customer_id)::int as n from segment_built'),
    ).toEqual([{ n: 1 }]);
    for (;;) {
      const progress = await lane?.processOnce();
      if (progress === undefined || isIdle(progress)) break;
    }
    expect(await memberships()).toEqual([{ segment_key: 'buyers' }, { segment_key: 'three' }]);
    expect(
      await kit.rows(
        "select count(*)::int as n from segment_membership where segment_key = 'buyers'",
      ),
    ).toEqual([{ n: 700 }]);
    expect(await kit.rows('select 1 from segment_built')).toEqual([]);
    expect(
      await kit.rows(
        "select count(*)::int as n from segment_membership_change where change = 'entered'",
      ),
    ).toEqual([{ n: 701 }]);
  });

  it('counts anew where a window asks for more than was kept', async () => {
    await kit.publish('segment', buyers);
    for (const id of ['1', '2', '3'])
      await kit.send(track('Order Completed', { userId: 'u', messageId: id }));
    await kit.drain();
    await kit.publish('segment', {
      key: 'keen',
      name: 'Keen',
      condition: { event: 'Order Completed', count: { gte: 3 }, within: { days: 1 } },
    });
    await kit.drain();
    expect(await kit.rows('select segment_key from segment_membership order by 1')).toEqual([
      { segment_key: 'buyers' },
      { segment_key: 'keen' },
    ]);
    expect(await kit.rows('select count(*)::int as n from customer_due')).toEqual([{ n: 1 }]);
  });
});
