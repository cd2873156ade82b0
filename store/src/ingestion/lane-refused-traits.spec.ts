import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identify, openLaneKit, type LaneKit } from './testing/lane-kit.js';

/** Two events that together bring four more traits than one profile may hold. */
const HALVES = [0, 502].map((from) =>
  Object.fromEntries(Array.from({ length: 502 }, (_, index) => [`t${from + index}`, index])),
);
const OVER = 4;

describe('a trait over its limit', () => {
  let kit: LaneKit;

  beforeEach(async () => {
    kit = await openLaneKit();
  });
  afterEach(() => kit.close());

  const fill = async (userId: string): Promise<void> => {
    for (const traits of HALVES) await kit.send(identify({ userId }, traits));
  };
  const refused = async (maxEvents = 1_000): Promise<number> =>
    (await kit.drain(maxEvents)).reduce((sum, { refusedTraits }) => sum + refusedTraits, 0);
  const held = async (): Promise<number> => {
    const [row] = await kit.rows<{ count: number }>(
      'select count(*)::int as count from customer, jsonb_object_keys(traits) where workspace_id = $1',
      [kit.workspaceId],
    );
    return row?.count ?? 0;
  };

  it('is left out of the profile and counted', async () => {
    await fill('u-1');
    expect(await refused()).toBe(OVER);
    expect(await held()).toBe(1_000);
  });

  it('is counted once for each event that brings it, in whatever batches', async () => {
    for (const userId of ['u-1', 'u-2', 'u-3']) await fill(userId);
    expect(await refused()).toBe(3 * OVER);
    for (const userId of ['v-1', 'v-2', 'v-3']) await fill(userId);
    expect(await refused(1)).toBe(3 * OVER);
  });

  it('is none where all traits fit', async () => {
    await kit.send(identify({ userId: 'u-1' }, { plan: 'free', seats: 3 }));
    expect(await refused()).toBe(0);
    expect(await held()).toBe(2);
  });
});
