import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Condition } from '@throughline/domain/segments';
import { newId } from '../shared/index.js';
import { openPeopleKit, type PeopleKit } from './testing/people-kit.js';
import { whoAmI, type WhoAmI } from './who-am-i.js';

const NOW = Date.parse('2026-05-01T00:00:00Z');
const DAY = 86_400_000;

describe('who am I', () => {
  let kit: PeopleKit;
  const [ada, absorbed, bob] = [newId(1), newId(2), newId(3)];

  beforeAll(async () => {
    kit = await openPeopleKit();
    await kit.addPeople([
      { customerId: ada, traits: { plan: 'pro', address: { city: 'Ulm' }, gone: null } },
      { customerId: absorbed, mergedInto: ada },
      { customerId: bob },
    ]);
    await kit.addEvents([
      {
        customerId: absorbed,
        name: 'Order Completed',
        properties: { total: 80 },
        eventTime: NOW - 40 * DAY,
      },
      {
        customerId: ada,
        name: 'Order Completed',
        properties: { total: 20 },
        eventTime: NOW - 10 * DAY,
      },
      {
        customerId: ada,
        name: 'Order Completed',
        properties: { total: 90 },
        eventTime: NOW - 5 * DAY,
      },
      {
        customerId: ada,
        name: 'Product Viewed',
        properties: { sku: 'a' },
        eventTime: NOW - 2 * DAY,
      },
      { customerId: bob, name: 'Order Completed', properties: { total: 90 }, eventTime: NOW - DAY },
    ]);
    await kit.addMembers('vip', [ada]);
  });
  afterAll(() => kit.close());

  const ask = (condition: Condition, customerId = ada, now = NOW): Promise<WhoAmI | null> =>
    kit.read((client) =>
      whoAmI(client, condition, { workspaceId: kit.workspaceId, customerId, now }),
    );
  const ordered = { property: 'total', op: 'gte', value: 50 } as const;

  it('says of each test where it stands, whether it holds and what was found', async () => {
    const answer = await ask({
      all: [
        {
          any: [
            { trait: 'plan', op: 'equals', value: 'free' },
            { trait: 'address.city', op: 'equals', value: 'Ulm' },
          ],
        },
        { not: { segment: 'vip' } },
        { trait: 'gone', op: 'notExists' },
      ],
    });
    expect(answer).toMatchObject({ customerId: ada, member: false });
    expect(answer?.tests.map(({ path, holds, value }) => [path, holds, value])).toEqual([
      ['all.0.any.0', false, 'pro'],
      ['all.0.any.1', true, 'Ulm'],
      ['all.1.not', true, undefined],
      ['all.2', true, null],
    ]);
    expect(answer?.tests[0]?.sentence).toBe('plan is "free"');
    expect(answer?.tests[0]?.because).toBe('plan is "free": does not hold, the trait is "pro"');
  });

  it('counts the events of whoever was taken in, and shows those that decided, newest first', async () => {
    const answer = await ask({ event: 'Order Completed', where: [ordered], count: { gte: 2 } });
    expect(answer).toMatchObject({ member: true, nextChangeAt: null });
    expect(answer?.tests).toMatchObject([
      {
        path: '',
        holds: true,
        events: [
          { position: 3, name: 'Order Completed', at: NOW - 5 * DAY, customerId: ada },
          { position: 1, name: 'Order Completed', at: NOW - 40 * DAY, customerId: absorbed },
        ],
      },
    ]);
  });

  it('shows only what is inside the window, and says when that ends', async () => {
    const week: Condition = { event: 'Order Completed', within: { days: 30 }, count: { gte: 2 } };
    const answer = await ask(week);
    expect(answer).toMatchObject({ member: true, nextChangeAt: NOW + 20 * DAY });
    expect(answer?.tests[0]?.events.map(({ position }) => position)).toEqual([3, 2]);
    expect((await ask(week, ada, NOW + 20 * DAY))?.member).toBe(false);
  });

  it('shows what opened an absence and what answered it', async () => {
    const absence: Condition = {
      sequence: [
        { event: 'Product Viewed' },
        { event: 'Order Completed', absent: true, within: { days: 1 } },
      ],
    };
    const answer = await ask(absence);
    expect(answer).toMatchObject({ member: true, nextChangeAt: NOW + 89 * DAY });
    expect(answer?.tests[0]?.events.map(({ name }) => name)).toEqual([
      'Product Viewed',
      'Order Completed',
      'Order Completed',
      'Order Completed',
    ]);
    expect((await ask(absence, bob))?.member).toBe(false);
  });

  it('shows no more than the latest five events', async () => {
    const many = newId(9);
    await kit.addPeople([{ customerId: many }]);
    await kit.addEvents(
      Array.from({ length: 1_500 }, (_, n) => ({
        customerId: many,
        name: 'Ping',
        eventTime: NOW - n * 1_000,
      })),
    );
    const answer = await ask({ lastEvent: 'Ping', op: 'withinLast', value: { minutes: 1 } }, many);
    expect(answer?.member).toBe(true);
    expect(answer?.tests[0]?.events.map(({ at }) => NOW - at)).toEqual([
      0, 1_000, 2_000, 3_000, 4_000,
    ]);
    expect((await ask({ event: 'Ping', count: { eq: 1_500 } }, many))?.member).toBe(true);
  });

  it('answers by the survivor for the id of somebody who was taken in, and nothing for nobody', async () => {
    const pro: Condition = { trait: 'plan', op: 'equals', value: 'pro' };
    expect(await ask(pro, absorbed)).toMatchObject({ customerId: ada, member: true });
    expect(await ask(pro, newId())).toBeNull();
  });
});
