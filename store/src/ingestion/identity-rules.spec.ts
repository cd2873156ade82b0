import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { identify, openLaneKit, track, type LaneKit, type TestEvent } from './testing/lane-kit.js';

const PROTECTED = {
  identifiers: [
    { type: 'user_id', priority: 1, limit: 1 },
    { type: 'email', priority: 2, limit: 5 },
    { type: 'anonymous_id', priority: 3, limit: 5 },
  ],
};

const UNLIMITED = {
  identifiers: [{ type: '*', priority: 1, limit: 10_000 }],
  hubProfiles: null,
};

const DERIVED = `customer, identifier, identifier_change, customer_merge, trait_change, event, quarantine, message_seen, identity_sighting,
  identity_alert, customer_group`;

describe('identity rules on the lane', () => {
  let kit: LaneKit;
  let next = 0;

  beforeAll(async () => {
    kit = await openLaneKit();
  });
  afterEach(() => kit.rows(`truncate ${DERIVED}`));
  afterAll(() => kit.close());

  async function publish(rules: object): Promise<void> {
    await kit.publish('identity', { key: 'rules', ...rules });
  }

  /** `u1 e1 t`: user id, e-mail and anonymous id of one event. */
  function event(text: string): TestEvent {
    next += 1;
    const words = text.split(' ');
    const one = (letter: string) => words.find((word) => word.startsWith(letter));
    const email = one('e');
    return {
      ...track(`Event ${next}`, {}),
      userId: one('u'),
      anonymousId: one('t') ?? one('a'),
      ...(email === undefined ? {} : { context: { traits: { email: `${email}@example.com` } } }),
    };
  }

  async function send(...texts: string[]): Promise<void> {
    for (const text of texts) await kit.send(event(text));
    await kit.drain();
  }

  /** Whose identifiers and events are whose: the numbers of the events since the last look, from 1. */
  async function people(): Promise<{ identifiers: string; events: number[] }[]> {
    const rows = await kit.rows<{ identifiers: string[]; events: number[] }>(
      `with numbered as (select customer_id, row_number() over (order by position, ordinal)::int as n from event)
       select array(select regexp_replace(i.value, '@.*', '') from identifier i where i.customer_id = c.customer_id order by i.type, i.value) as identifiers,
              array(select n.n from numbered n join customer p on p.customer_id = n.customer_id
                     where coalesce(p.merged_into, p.customer_id) = c.customer_id order by n.n) as events
         from customer c where c.merged_into is null order by c.first_position`,
    );
    return rows.map(({ identifiers, events }) => ({ identifiers: identifiers.join(' '), events }));
  }

  async function quarantined(): Promise<string[]> {
    const rows = await kit.rows<{ code: string }>('select code from quarantine order by position');
    return rows.map(({ code }) => code);
  }

  it('keep a second account with the same e-mail apart', async () => {
    await publish(PROTECTED);
    await send('u1 e1', 'u2 e1');
    expect(await people()).toEqual([
      { identifiers: 'e1 u1', events: [1] },
      { identifiers: 'u2', events: [2] },
    ]);
  });

  it('keep the users of a shared tablet apart', async () => {
    await publish(PROTECTED);
    await send('t', 'u1 e1 t', 'u2 e2 t', 'u1 t', 't', 'u3 t');
    expect(await people()).toEqual([
      { identifiers: 't e1 u1', events: [1, 2, 4, 5] },
      { identifiers: 'e2 u2', events: [3] },
      { identifiers: 'u3', events: [6] },
    ]);
  });

  it('survive a log-out that keeps the browser id', async () => {
    await publish(PROTECTED);
    await send('u1 a1', 'u2 a2', 'u2 a1', 'a1', 'u2 e2 a2');
    expect(await people()).toEqual([
      { identifiers: 'a1 u1', events: [1, 4] },
      { identifiers: 'a2 e2 u2', events: [2, 3, 5] },
    ]);
    expect(await kit.rows('select 1 from customer_merge')).toEqual([]);
  });

  it('hold from their own place in the log on, whatever a batch holds besides', async () => {
    await publish(UNLIMITED);
    await kit.send(event('u1 a1'));
    await kit.send(event('u2 a1'));
    await publish(PROTECTED);
    await kit.send(event('u3 a1'));
    await kit.drain();
    expect(await people()).toEqual([
      { identifiers: 'a1 u1 u2', events: [1, 2] },
      { identifiers: 'u3', events: [3] },
    ]);
  });

  it('come to the connected components, in any order and cut, without limits', async () => {
    await publish(UNLIMITED);
    const word = fc.constantFrom('u1', 'u2', 'u3', 'e1', 'e2', 'e3', 'a1', 'a2', 'a3');
    const named = fc.uniqueArray(word, { minLength: 1, maxLength: 3, selector: (text) => text[0] });
    const logs = fc
      .array(named, { minLength: 1, maxLength: 12 })
      .chain((log) =>
        fc.tuple(fc.constant(log), fc.shuffledSubarray(log, { minLength: log.length })),
      );
    await fc.assert(
      fc.asyncProperty(logs, fc.integer({ min: 1, max: 5 }), async ([log, shuffled], cut) => {
        for (const order of [log, [...shuffled, ...shuffled]]) {
          await kit.rows(`truncate ${DERIVED}`);
          for (const words of order) await kit.send(event(words.join(' ')));
          await kit.drain(cut);
          const clusters = (await people()).map(({ identifiers }) =>
            identifiers.split(' ').sort().join(' '),
          );
          expect(clusters.sort()).toEqual(components(log));
        }
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  it('quarantine what nobody can be found for, and what a full profile cannot take', async () => {
    await publish({
      ...PROTECTED,
      blocked: { values: ['u0'], patterns: ['^test-'] },
      caps: { identifiers: 2, merges: 0 },
    });
    await send('u0', 'u1 a1', 'u1 a2', 'u2', 'a3', 'u2 a3');
    await kit.send(track('Blocked', { userId: 'test-7' }));
    await kit.drain();
    expect(await quarantined()).toEqual([
      'missing_identity',
      'identity_limit',
      'identity_limit',
      'missing_identity',
    ]);
    const alerts = await kit.rows('select kind, count from identity_alert order by kind');
    expect(alerts).toEqual([
      { kind: 'identifiers', count: 1 },
      { kind: 'merges', count: 1 },
    ]);
  });

  it('take a value that everybody shares out of the game, and say so', async () => {
    await publish({ ...PROTECTED, hubProfiles: 2 });
    await send('u1 t', 'u2 t', 'u3 t', 'u4 t', 't');
    expect(await quarantined()).toEqual(['missing_identity']);
    expect(await kit.rows('select kind, subject, count from identity_alert')).toEqual([
      { kind: 'hub', subject: 'anonymous_id:t', count: 1 },
    ]);
    expect(await kit.rows('select 1 from identity_sighting')).toHaveLength(2);
    // Kept where it is, and on the events that carry it.
    expect((await people())[0]).toEqual({ identifiers: 't u1', events: [1] });
    await publish({ ...PROTECTED, hubProfiles: 9 });
    await send('t');
    expect((await people())[0]).toEqual({ identifiers: 't u1', events: [1, 5] });
  });

  it('find but never merge by a secondary identifier, in high fidelity', async () => {
    await publish({ ...PROTECTED, strategy: 'high-fidelity' });
    await send('a1', 'u1 a2', 'u2', 'u2 a1', 'u3 a9');
    expect(await people()).toEqual([
      { identifiers: 'a1', events: [1] },
      { identifiers: 'a2 u1', events: [2] },
      { identifiers: 'u2', events: [3, 4] },
      { identifiers: 'a9 u3', events: [5] },
    ]);
  });

  it('make the previous and the present id of an alias one, within the limits', async () => {
    await publish(PROTECTED);
    await send('a1', 'u1', 'u2 a2');
    const alias = { type: 'alias', userId: 'u1', timestamp: new Date().toISOString() };
    await kit.send({ ...alias, previousId: 'a1', messageId: 'alias-1' });
    await kit.send({ ...alias, previousId: 'a2', messageId: 'alias-2' });
    await kit.drain();
    expect(await people()).toEqual([
      { identifiers: 'a1 u1', events: [1, 2, 4, 5] },
      { identifiers: 'a2 u2', events: [3] },
    ]);
  });

  it('remember groups: who belongs to one, and what was said of it last', async () => {
    await publish(PROTECTED);
    const group = (traits: object, timestamp: string) => ({
      type: 'group',
      userId: 'u1',
      groupId: 'acme',
      messageId: `g-${timestamp}`,
      traits,
      timestamp,
    });
    await kit.send(group({ name: 'ACME', plan: 'pro' }, '2026-01-02T00:00:00Z'));
    await kit.drain();
    await kit.send(group({ name: 'Old name', seats: 5 }, '2026-01-01T00:00:00Z'));
    await kit.send(group({ seats: 7 }, '2026-01-03T00:00:00Z'));
    await kit.send(identify({ userId: 'u2' }, {}));
    await kit.drain();
    expect(
      await kit.rows(
        `select group_id, (select jsonb_object_agg(key, value -> 'v') from jsonb_each(traits)) as traits from customer_group`,
      ),
    ).toEqual([{ group_id: 'acme', traits: { name: 'ACME', plan: 'pro', seats: 7 } }]);
    expect(
      await kit.rows(
        `select traits -> 'group_id' ->> 'v' as "group" from customer order by first_position`,
      ),
    ).toEqual([{ group: 'acme' }, { group: null }]);
  });
});

/** Connected components, the slow and obvious way. */
function components(events: readonly (readonly string[])[]): string[] {
  let groups: Set<string>[] = [];
  for (const names of events) {
    const touching = groups.filter((group) => names.some((name) => group.has(name)));
    const joined = new Set([...names, ...touching.flatMap((group) => [...group])]);
    groups = [...groups.filter((group) => !touching.includes(group)), joined];
  }
  return groups.map((group) => [...group].sort().join(' ')).sort();
}
