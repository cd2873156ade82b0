import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../shared/index.js';
import { countMembersAsOf, listMembersAsOf, readSizeHistory, type SizePoint } from './history.js';
import { openPeopleKit, type PeopleKit } from './testing/people-kit.js';

const DAY = 86_400_000;
const START = Date.parse('2026-03-28T00:00:00Z');
const day = (n: number): string => new Date(START + n * DAY).toISOString();

describe('the history of a segment', () => {
  let kit: PeopleKit;
  const [ada, bob, cleo, dora] = [newId(1), newId(2), newId(3), newId(4)];

  beforeAll(async () => {
    kit = await openPeopleKit();
    await change(ada, 10, 'entered', 0.5);
    await change(bob, 20, 'entered', 1.25);
    await change(bob, 20, 'left', 1.25, 1);
    await change(bob, 21, 'entered', 1.5);
    await change(cleo, 30, 'entered', 2.5);
    await change(ada, 40, 'left', 3.5);
    // Dora never entered by herself: she stays in by having taken Cleo in. Bob took in nobody who counts twice but Dora.
    await merge(50, 4.5, {
      survivor: dora,
      absorbed: cleo,
      members: [{ segment: 'other' }, { segment: 'vip' }],
    });
    await merge(60, 5.5, { survivor: bob, absorbed: dora, members: ['vip'] });
    await change(bob, 70, 'left', 6.5);
  });
  afterAll(() => kit.close());

  async function change(
    customerId: string,
    position: number,
    kind: 'entered' | 'left',
    at: number,
    ordinal = 0,
  ): Promise<void> {
    await kit.rows(
      `insert into segment_membership_change (workspace_id, customer_id, position, ordinal, segment_key, version, change, at, clock)
       values ($1, $2, $3, $4, 'vip', 1, $5, $6, $6)`,
      [kit.workspaceId, customerId, position, ordinal, kind, day(at)],
    );
  }

  async function merge(
    position: number,
    at: number,
    { survivor, absorbed, members }: { survivor: string; absorbed: string; members: unknown[] },
  ): Promise<void> {
    await kit.rows(
      `insert into customer_merge (workspace_id, position, ordinal, survivor_id, absorbed_id, at, absorbed_state)
       values ($1, $2, 0, $3, $4, $5, $6)`,
      [kit.workspaceId, position, survivor, absorbed, day(at), JSON.stringify({ members })],
    );
  }

  const asOf = (at: number): Promise<string[]> =>
    kit.read(async (client) => {
      const page = { segment: 'vip', asOf: day(at), after: null, limit: 10 };
      return (await listMembersAsOf(client, kit.workspaceId, page)).map((m) => m.customerId);
    });

  it.each<[string, number, () => string[]]>([
    ['nobody before the first change', 0.25, () => []],
    ['whoever entered at that very instant', 0.5, () => [ada]],
    ['the later of two changes of one input', 1.25, () => [ada]],
    ['who came back', 1.5, () => [ada, bob]],
    ['who has not left yet', 3.25, () => [ada, bob, cleo]],
    ['nobody who has left', 3.5, () => [bob, cleo]],
    ['the survivor in the place of a member', 4.5, () => [bob, dora]],
    ['one person where two members became one', 5.5, () => [bob]],
    ['nobody who left after a merge', 6.5, () => []],
  ])('as of an instant holds %s', async (_, at, members) => {
    expect(await asOf(at)).toEqual(members());
    const count = await kit.read((client) =>
      countMembersAsOf(client, kit.workspaceId, { segment: 'vip', asOf: day(at) }),
    );
    expect(count).toBe(members().length);
  });

  it('takes a merge that was undone for none', async () => {
    const undo = (position: number | null) =>
      kit.rows('update customer_merge set undone_position = $1 where position = 60', [position]);
    await undo(65);
    expect(await asOf(5.5)).toEqual([bob, dora]);
    await undo(null);
    expect(await asOf(5.5)).toEqual([bob]);
  });

  it('is listed in pages, with the time at which each came in', async () => {
    const page = { segment: 'vip', asOf: day(4.5), limit: 1 };
    const list = (after: string | null) =>
      kit.read((client) => listMembersAsOf(client, kit.workspaceId, { ...page, after }));
    expect(await list(null)).toEqual([{ customerId: bob, since: START + 1.5 * DAY }]);
    expect(await list(bob)).toEqual([{ customerId: dora, since: START + 4.5 * DAY }]);
    expect(await list(dora)).toEqual([]);
  });

  const sizes = (from: number, to: number, bucket: 'hour' | 'day' | 'week' = 'day') =>
    kit.read((client) =>
      readSizeHistory(client, kit.workspaceId, {
        segment: 'vip',
        from: day(from),
        to: day(to),
        bucket,
      }),
    );
  const brief = ({ entered, left, merged, size }: SizePoint) => [entered, left, merged, size];

  it('adds up to the size at the end of every day, in UTC whatever the session says', async () => {
    const points = await sizes(0, 7);
    expect(points.map(({ from }) => (from - START) / DAY)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(points.map(brief)).toEqual([
      [1, 0, 0, 1],
      [2, 1, 0, 2],
      [1, 0, 0, 3],
      [0, 1, 0, 2],
      [0, 0, 0, 2],
      [0, 0, 1, 1],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('knows what was before the range, and has buckets in which nothing happened', async () => {
    expect((await sizes(4.6, 5)).map(brief)).toEqual([
      [0, 0, 0, 2],
      [0, 0, 1, 1],
    ]);
    expect(await sizes(2.4, 2.6, 'hour')).toHaveLength(6);
    expect((await sizes(2.4, 2.6, 'hour')).map(({ size }) => size)).toEqual([2, 2, 2, 3, 3, 3]);
  });

  it('has weeks that begin on Monday', async () => {
    const points = await sizes(0, 7, 'week');
    expect(points.map(({ from }) => new Date(from).toISOString().slice(0, 10))).toEqual([
      '2026-03-23',
      '2026-03-30',
    ]);
    expect(points.map(({ size }) => size)).toEqual([2, 0]);
  });

  it('agrees with membership as of the end of each day', async () => {
    for (const { from, size } of await sizes(0, 7)) {
      const end = (from - START) / DAY + 1 - 1 / DAY;
      expect([from, (await asOf(end)).length]).toEqual([from, size]);
    }
  });
});
