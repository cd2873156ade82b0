/** A person is erased in the order of the log: the rows go, and nothing that comes late brings them back. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { readErasure, requestErasure, type Erasure } from '../consent/index.js';
import { inTransaction, inWorkspace, newId, openPool } from '../shared/index.js';
import { appendCommand, appendInternal } from './append.js';
import { identify, openLaneKit, track, type LaneKit, type TestEvent } from './testing/lane-kit.js';

const JOURNEY = {
  key: 'welcome',
  name: 'Welcome',
  trigger: { kind: 'event', event: 'Signed Up' },
  entry: { reentry: 'once' },
  start: 'rest',
  steps: {
    rest: { kind: 'delay', duration: 'P30D', next: 'done' },
    done: { kind: 'exit', reason: 'completed' },
  },
};

describe('erasing a person', () => {
  let kit: LaneKit;
  let app: pg.Pool;
  const now = Date.now();
  const at = (ms: number): TestEvent => ({ timestamp: new Date(ms).toISOString() });

  beforeAll(async () => {
    kit = await openLaneKit();
    app = openPool({ url: kit.url, role: 'tl_app' });
    await kit.publish('journey', JOURNEY);
    await kit.drain();
  });
  afterAll(async () => {
    await app.end();
    await kit.close();
  });

  const idOf = async (type: string, value: string): Promise<string | null> => {
    const [row] = await kit.rows<{ customer_id: string }>(
      'select customer_id from identifier where type = $1 and value = $2',
      [type, value],
    );
    return row?.customer_id ?? null;
  };

  const ask = (customerId: string): Promise<{ erasure: Erasure; isNew: boolean } | null> =>
    inWorkspace(app, kit.workspaceId, (client) =>
      requestErasure(client, kit.workspaceId, { customerId, reason: 'asked to', actor: 'ada' }),
    );

  const finish = (eraseId: string): Promise<number> =>
    inTransaction(app, async (client) => {
      await client.query(`set local throughline.workspace = '${kit.workspaceId}'`);
      return appendCommand(client, kit.workspaceId, { kind: 'erase', phase: 'finish', eraseId });
    });

  async function person(name: string): Promise<string> {
    await kit.send(
      identify(
        { userId: name, anonymousId: `${name}-device` },
        { email: `${name}@example.com`, city: `${name}-city` },
      ),
    );
    await kit.send(
      track(
        'Signed Up',
        { userId: name },
        { messageId: `${name}-message`, properties: { note: `${name}-note` } },
      ),
    );
    await kit.drain();
    const id = await idOf('user_id', name);
    if (id === null) throw new TypeError('nobody was made');
    return id;
  }

  async function erased(id: string): Promise<string> {
    const asked = await ask(id);
    if (asked === null) throw new TypeError('nobody to erase');
    await kit.drain();
    await finish(asked.erasure.eraseId);
    await kit.drain();
    return asked.erasure.eraseId;
  }

  /** Tables whose rows hold a word, of all there are; what the engine's own texts hold is the next step's work. */
  async function placesOf(word: string): Promise<string[]> {
    const tables = await kit.rows<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await kit.rows(`select 1 from ${name} t where t::text ilike $1 limit 1`, [
        `%${word}%`,
      ]);
      if (rows.length > 0) found.push(name);
    }
    return found;
  }

  it('takes every row of theirs, and leaves others alone', async () => {
    const ada = await person('ada-lovelace');
    const bob = await person('bob-babbage');
    expect(await placesOf('ada-lovelace')).toEqual(
      expect.arrayContaining(['customer', 'event', 'identifier', 'enrolment', 'message_seen']),
    );
    const eraseId = await erased(ada);
    expect(await placesOf('ada-lovelace')).toEqual(['erasure_identifier', 'event_log']);
    expect(await placesOf(ada)).toEqual(['erasure', 'erasure_person']);
    expect(await kit.rows('select customer_id from enrolment')).toEqual([{ customer_id: bob }]);
    const erasure = await inWorkspace(app, kit.workspaceId, (client) =>
      readErasure(client, kit.workspaceId, eraseId),
    );
    expect(erasure).toMatchObject({ state: 'clearing', runs: 1, requestedBy: 'ada' });
    expect(erasure?.counts).toMatchObject({ event: 2, customer: 1, enrolment: 1, identifier: 3 });
  });

  it('asks runs to leave before it takes their rows', async () => {
    const id = await person('carol-runs');
    const asked = await ask(id);
    await kit.drain();
    const [run] = await kit.rows<{ exit_request: { reason: string } }>(
      'select exit_request from enrolment where subject_id = $1',
      [id],
    );
    expect(run?.exit_request.reason).toBe('erased');
    expect(
      await kit.rows(
        `select kind from outbox where enrolment_id in (select enrolment_id from enrolment where subject_id = $1) and kind = 'wake'`,
        [id],
      ),
    ).toHaveLength(1);
    expect(
      await kit.rows('select traits, facts from customer where customer_id = $1', [id]),
    ).toEqual([{ traits: {}, facts: {} }]);
    expect(await idOf('user_id', 'carol-runs')).toBeNull();
    await finish(asked?.erasure.eraseId ?? '');
    await kit.drain();
    expect(await kit.rows('select 1 from customer where customer_id = $1', [id])).toEqual([]);
  });

  it('happens once, however often it is asked for', async () => {
    const id = await person('dora-twice');
    const [first, second] = await Promise.all([ask(id), ask(id)]);
    expect(second?.erasure.eraseId).toBe(first?.erasure.eraseId);
    expect([first?.isNew, second?.isNew].filter(Boolean)).toHaveLength(1);
    await kit.drain();
    expect((await ask(id))?.erasure.eraseId).toBe(first?.erasure.eraseId);
  });

  it('reaches everybody who had become the person', async () => {
    await kit.send(identify({ userId: 'eve-one' }, { email: 'eve-one@example.com' }));
    await kit.send(identify({ anonymousId: 'eve-two-device' }, { hobby: 'eve-two-hobby' }));
    await kit.drain();
    const absorbed = await idOf('anonymous_id', 'eve-two-device');
    await kit.send(track('Seen', { userId: 'eve-one', anonymousId: 'eve-two-device' }));
    await kit.drain();
    await erased(absorbed ?? '');
    expect(await placesOf('eve-one')).toEqual(['erasure_identifier', 'event_log']);
    expect(await placesOf('eve-two-hobby')).toEqual(['event_log']);
  });

  it('is not undone by what comes late, and strikes it out of the log', async () => {
    const id = await person('fay-late');
    await erased(id);
    const before = await kit.rows<{ n: number }>('select count(*) as n from customer');
    await kit.sendBatch([
      track(
        'Late',
        { userId: 'fay-late' },
        { ...at(now - 60_000), properties: { x: 'late-secret' } },
      ),
      track('Fine', { userId: 'gus-fine' }, { ...at(now - 60_000), properties: { x: 'kept' } }),
    ]);
    // The same message once more, which says nothing of when it happened.
    await kit.send({
      type: 'track',
      event: 'Signed Up',
      userId: 'fay-late',
      messageId: 'fay-late-message',
      properties: { note: 'late-secret' },
    });
    await kit.drain();
    expect(await idOf('user_id', 'fay-late')).toBeNull();
    expect(await placesOf('late-secret')).toEqual([]);
    const [log] = await kit.rows<{ body: string }>(
      `select body from event_log where body like '%gus-fine%'`,
    );
    expect(JSON.parse(log?.body ?? '')).toMatchObject({
      batch: [null, { userId: 'gus-fine', properties: { x: 'kept' } }],
    });
    expect(await kit.rows<{ n: number }>('select count(*) as n from customer')).toEqual([
      { n: (before[0]?.n ?? 0) + 1 },
    ]);
  });

  it('leaves room for a new beginning: an identify after it is somebody new', async () => {
    const id = await person('hal-again');
    await erased(id);
    await kit.send(identify({ userId: 'hal-again' }, { city: 'new' }, at(Date.now() + 1_000)));
    await kit.drain();
    const again = await idOf('user_id', 'hal-again');
    expect(again).not.toBeNull();
    expect(again).not.toBe(id);
    const [row] = await kit.rows<{ traits: object }>(
      'select traits from customer where customer_id = $1',
      [again],
    );
    expect(Object.keys(row?.traits ?? {})).toEqual(['city']);
  });

  it('drops our own words about somebody who is gone, rather than put them in quarantine', async () => {
    const id = await person('ida-own');
    await erased(id);
    const event = {
      messageId: newId(),
      type: 'identify',
      name: 'Identify',
      customerId: id,
      at: Date.now(),
      traits: { t: 'own-secret' },
      hop: 1,
    } as const;
    const client = await kit.laneClient();
    await appendInternal(client, kit.workspaceId, [event]);
    await kit.drain();
    expect(await placesOf('own-secret')).toEqual([]);
  });

  it('comes to the same whichever way it races with a merge', async () => {
    for (const order of ['merge first', 'erase first']) {
      const name = `joe-${order === 'merge first' ? 'a' : 'b'}`;
      await kit.send(identify({ userId: `${name}-known` }, { pet: `${name}-pet` }));
      await kit.send(identify({ anonymousId: `${name}-device` }, { car: `${name}-car` }));
      await kit.drain();
      const known = (await idOf('user_id', `${name}-known`)) ?? '';
      const merging = track('Both', { userId: `${name}-known`, anonymousId: `${name}-device` });
      const asked =
        order === 'merge first' ? (await kit.send(merging), await ask(known)) : await ask(known);
      if (order === 'erase first') await kit.send(merging);
      await kit.drain();
      await finish(asked?.erasure.eraseId ?? '');
      await kit.drain();
      // In the log's order: merged before, both are the person; after, the event is of the person that was.
      expect(await idOf('user_id', `${name}-known`)).toBeNull();
      expect(await placesOf(`${name}-pet`)).toEqual(['event_log']);
      expect((await idOf('anonymous_id', `${name}-device`)) === null).toBe(order === 'merge first');
      expect(
        await kit.rows(
          'select 1 from customer where merged_into is not null and not exists (select from customer s where s.customer_id = customer.merged_into)',
        ),
      ).toEqual([]);
    }
  });
});
