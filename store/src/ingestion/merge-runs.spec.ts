import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { identify, track } from './testing/lane-kit.js';
import { CoupleKit, type Person, type Standing } from './testing/couple-kit.js';

const MAIL = {
  kind: 'message',
  channel: 'email',
  connection: 'mail',
  template: 'cart',
  next: 'end',
} as const;
const END = { kind: 'exit', reason: 'completed' } as const;
const REST = { kind: 'delay', duration: 'PT1H', next: 'mail' } as const;

/** A journey that two people stand in at the same step, each with its own event to enter by. */
function journey(key: string, start: string, steps: Readonly<Record<string, unknown>>) {
  return {
    key,
    name: key,
    trigger: { kind: 'event', event: `Enter ${key}` },
    entry: { reentry: 'once' },
    start,
    steps: { ...steps, mail: MAIL, end: END },
    exits: [],
    goals: [],
    purpose: 'marketing',
    maxTriggerAge: 'P30D',
    messageExpiry: 'P1D',
  };
}

const WAIT = {
  kind: 'waitFor',
  branches: [{ id: 'bought', on: { kind: 'event', event: 'Order Completed' }, next: 'end' }],
  timeout: { after: 'PT1H', next: 'mail' },
} as const;

const JOURNEYS = {
  delay: journey('delay', 'rest', { rest: REST }),
  wait: journey('wait', 'wait', { wait: WAIT }),
  segment: journey('segment', 'wait', {
    wait: {
      ...WAIT,
      branches: [
        { id: 'vip', on: { kind: 'segment', segment: 'vip', on: 'entered' }, next: 'end' },
      ],
    },
  }),
  split: journey('split', 'ask', {
    ask: {
      kind: 'split',
      branches: [{ id: 'pro', when: { trait: 'plan', op: 'equals', value: 'pro' }, next: 'end' }],
      else: 'rest',
    },
    rest: REST,
  }),
  message: journey('message', 'mail', {}),
  sent: {
    ...journey('sent', 'mail', {}),
    steps: {
      mail: { ...MAIL, next: 'rest' },
      rest: { kind: 'delay', duration: 'PT1H', next: 'second' },
      second: MAIL,
      end: END,
    },
  },
  held: journey('held', 'rest', { rest: REST }),
} as const;

type Key = keyof typeof JOURNEYS;
const KEYS: readonly Key[] = ['delay', 'wait', 'segment', 'split', 'message', 'sent', 'held'];

describe('two people who stand in the same step', () => {
  let kit: CoupleKit;

  beforeAll(async () => {
    kit = await CoupleKit.open();
    await kit.lane.publish('segment', {
      key: 'vip',
      name: 'VIP',
      condition: { event: 'Order Completed', count: { gte: 2 } },
    });
    for (const definition of Object.values(JOURNEYS)) await kit.lane.publish('journey', definition);
    await kit.lane.drain();
  });
  beforeEach(() => kit.comeBack());
  afterAll(() => kit.close());

  /** Both at the step that the journey is for, and where that is. */
  async function stand(key: Key): Promise<{ people: readonly [Person, Person]; at: Standing[] }> {
    const people = await kit.enter(key);
    for (const person of people) {
      if (key === 'sent') await kit.go(person);
      else await kit.drive(person);
      if (key !== 'held') continue;
      await kit.hold(person);
      await kit.drive(person);
    }
    return { people, at: await standings(people) };
  }

  async function standings(people: readonly Person[]): Promise<Standing[]> {
    const all: Standing[] = [];
    for (const person of people) all.push(await kit.standing(person));
    return all;
  }

  async function goAll(people: readonly Person[]): Promise<string[]> {
    const sent: string[] = [];
    for (const person of people) sent.push(...(await kit.go(person)));
    return sent;
  }

  describe.each(KEYS)('%s', (key) => {
    it('go on as one: the younger run ends as merged', async () => {
      const { people, at } = await stand(key);
      const [ada, bob] = people;
      await kit.merge(ada, bob);
      await kit.drive(ada);
      expect(await kit.go(bob)).toEqual([]);
      expect(await standings(people)).toEqual([
        at[0],
        expect.objectContaining({ state: 'ended', outcome: 'exited:merged' }),
      ]);
      expect(await kit.subjectOf(bob)).toBe(ada.customerId);
    });

    it('stand where they stood when they are parted again', async () => {
      const { people, at } = await stand(key);
      const [ada, bob] = people;
      await kit.merge(ada, bob);
      await kit.drive(ada);
      expect(await kit.go(bob)).toEqual([]);
      await kit.unmerge(bob);
      for (const person of people) await kit.drive(person);
      expect(await standings(people)).toEqual(at);
      expect(await kit.subjectOf(bob)).toBe(bob.customerId);
      expect(await kit.outbox(bob)).toEqual(expect.arrayContaining(['restart', 'wake']));
    });

    it('stand there too when nobody had got round to the merge', async () => {
      const { people, at } = await stand(key);
      const [ada, bob] = people;
      await kit.merge(ada, bob);
      await kit.unmerge(bob);
      for (const person of people) await kit.drive(person);
      expect(await standings(people)).toEqual(at);
    });

    it('get each message of the journey once between them, whenever they are parted', async () => {
      const { people } = await stand(key);
      const [ada, bob] = people;
      await kit.merge(ada, bob);
      const asOne = await goAll(people);
      await kit.pass(2 * 3_600_000);
      asOne.push(...(await goAll(people)));
      expect(asOne).toHaveLength(key === 'held' ? 0 : 1);
      await kit.unmerge(bob);
      expect(await goAll(people)).toEqual([]);
      const ended = key === 'held' ? 'held' : 'ended';
      expect(await standings(people)).toMatchObject([{ state: ended }, { state: ended }]);
      if (key !== 'held') expect(await kit.skips(bob)).toEqual(['merged_duplicate']);
    });

    it('get their own messages once they are two', async () => {
      const { people } = await stand(key);
      const [ada, bob] = people;
      await kit.merge(ada, bob);
      await kit.drive(ada);
      expect(await kit.go(bob)).toEqual([]);
      await kit.unmerge(bob);
      const sent = await goAll(people);
      await kit.pass(2 * 3_600_000);
      sent.push(...(await goAll(people)));
      const wanted = key === 'held' ? 0 : 2;
      expect(new Set(sent).size).toBe(sent.length);
      expect(sent).toHaveLength(wanted);
    });
  });

  it('do not get a message again that the run which gave way had sent', async () => {
    const [ada, bob] = await kit.enter('message');
    expect(await kit.go(bob)).toHaveLength(1);
    await kit.merge(ada, bob);
    expect(await kit.go(ada)).toEqual([]);
    await kit.unmerge(bob);
    expect(await goAll([ada, bob])).toEqual([]);
  });

  it('are moved by their own orders only, once they are parted', async () => {
    const { people, at } = await stand('wait');
    const [ada, bob] = people;
    await kit.merge(ada, bob);
    await kit.happen(track('Order Completed', bob.who));
    await goAll(people);
    expect(await kit.standing(ada)).toMatchObject({ state: 'ended', outcome: 'completed' });
    await kit.unmerge(bob);
    await goAll(people);
    expect(await standings(people)).toEqual([
      at[0],
      expect.objectContaining({ state: 'ended', outcome: 'completed' }),
    ]);
    await kit.pass(2 * 3_600_000);
    expect(await goAll(people)).toEqual([`${ada.enrolmentId}:mail:1`]);
  });

  it('are moved by segments that each is in alone, once they are parted', async () => {
    const { people, at } = await stand('segment');
    const [ada, bob] = people;
    await kit.merge(ada, bob);
    await kit.happen(track('Order Completed', ada.who));
    await kit.happen(track('Order Completed', bob.who));
    await goAll(people);
    expect(await kit.standing(ada)).toMatchObject({ outcome: 'completed' });
    await kit.unmerge(bob);
    await goAll(people);
    expect(await standings(people)).toEqual(at);
  });

  it('begin what the other had begun for both', async () => {
    const [ada, bob] = await kit.enter('delay');
    await kit.merge(ada, bob);
    await kit.happen(track('Enter message', ada.who));
    await kit.happen(track('Enter message', bob.who));
    const runs = () =>
      kit.lane.rows<{ customer_id: string }>(
        `select customer_id from enrolment where journey_key = 'message' and subject_id = any($1::uuid[]) order by entered_position`,
        [[ada.customerId, bob.customerId]],
      );
    expect(await runs()).toEqual([{ customer_id: ada.customerId }]);
    await kit.unmerge(bob);
    expect(await runs()).toEqual([
      { customer_id: ada.customerId },
      { customer_id: bob.customerId },
    ]);
  });

  it('take what a run has written on the profile with them', async () => {
    const [ada, bob] = await kit.enter('delay');
    await kit.merge(ada, bob);
    await kit.happen(identify(bob.who, { plan: 'pro' }));
    await kit.unmerge(bob);
    const rows = await kit.lane.rows<{ customer_id: string }>(
      `select customer_id from customer where traits -> 'plan' ->> 'v' = 'pro' and customer_id = any($1::uuid[])`,
      [[ada.customerId, bob.customerId]],
    );
    expect(rows).toEqual([{ customer_id: bob.customerId }]);
  });
});
