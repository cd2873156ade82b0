import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { factKey } from '@throughline/domain/segments';
import { identify, openLaneKit, track, type LaneKit } from './testing/lane-kit.js';

const ABANDONED = {
  key: 'abandoned-cart',
  name: 'Abandoned cart',
  trigger: { kind: 'event', event: 'Product Added' },
  entry: { reentry: 'perKey', path: 'cart_id', maxConcurrent: 5 },
  start: 'wait',
  steps: {
    wait: {
      kind: 'waitFor',
      branches: [
        {
          id: 'bought',
          on: { kind: 'event', event: 'Order Completed', same: 'cart_id' },
          next: 'done',
        },
      ],
      timeout: { after: { hours: 4 }, next: 'mail' },
    },
    mail: { kind: 'message', channel: 'email', connection: 'mail', template: 'cart', next: 'done' },
    done: { kind: 'exit', reason: 'finished' },
  },
  exits: [{ id: 'ordered', kind: 'event', event: 'Order Completed', same: 'cart_id' }],
  goals: [{ id: 'order', kind: 'event', event: 'Order Completed', same: 'cart_id' }],
  purpose: 'marketing',
};

describe('the lane', () => {
  let kit: LaneKit;

  beforeEach(async () => {
    kit = await openLaneKit();
  });
  afterEach(() => kit.close());

  const traitsOf = async (type: string, value: string): Promise<Record<string, unknown>> => {
    const [row] = await kit.rows<{ traits: Record<string, { v: unknown }> }>(
      'select traits from customer join identifier using (workspace_id, customer_id) where type = $1 and value = $2',
      [type, value],
    );
    return Object.fromEntries(Object.entries(row?.traits ?? {}).map(([name, { v }]) => [name, v]));
  };

  it('makes one profile of everything that names the same person', async () => {
    await kit.send(track('Page Seen', { anonymousId: 'a-1' }));
    await kit.send(
      identify({ userId: 'u-1', anonymousId: 'a-1' }, { email: 'Ada@Example.com', plan: 'free' }),
    );
    await kit.send(track('Order Completed', { userId: 'u-1' }, { properties: { total: 12 } }));
    await kit.drain();
    expect(await kit.rows('select 1 from customer')).toHaveLength(1);
    expect(await kit.rows('select type, value from identifier order by type')).toEqual([
      { type: 'anonymous_id', value: 'a-1' },
      { type: 'email', value: 'ada@example.com' },
      { type: 'user_id', value: 'u-1' },
    ]);
    expect(await traitsOf('user_id', 'u-1')).toMatchObject({ plan: 'free' });
    expect(await kit.rows('select name from event order by position')).toEqual([
      { name: 'Page Seen' },
      { name: 'Identify' },
      { name: 'Order Completed' },
    ]);
  });

  it('merges two profiles into the older one and keeps the log of it', async () => {
    await kit.send(identify({ userId: 'u-1' }, { city: 'Oslo' }));
    await kit.send(track('Seen', { anonymousId: 'a-1' }));
    await kit.drain();
    const before = await kit.rows<{ customer_id: string }>(
      'select customer_id from customer order by first_position',
    );
    await kit.send(track('Login', { userId: 'u-1', anonymousId: 'a-1' }));
    await kit.drain();
    expect(await kit.rows('select survivor_id, absorbed_id from customer_merge')).toEqual([
      { survivor_id: before[0]?.customer_id, absorbed_id: before[1]?.customer_id },
    ]);
    expect(await kit.rows('select customer_id from customer where merged_into is null')).toEqual([
      before[0],
    ]);
    expect(await kit.rows('select distinct customer_id from identifier')).toEqual([before[0]]);
    expect(await kit.rows("select value from identifier_change where change = 'moved'")).toEqual([
      { value: 'a-1' },
    ]);
  });

  it('lets the later event time win, whichever came first', async () => {
    await kit.send(
      identify({ userId: 'u' }, { plan: 'pro' }, { timestamp: '2026-01-02T00:00:00.000Z' }),
    );
    await kit.send(
      identify({ userId: 'u' }, { plan: 'free' }, { timestamp: '2026-01-01T00:00:00.000Z' }),
    );
    await kit.drain();
    expect(await traitsOf('user_id', 'u')).toMatchObject({ plan: 'pro' });
  });

  it('applies a message once, however often and in however many batches it comes', async () => {
    const order = track('Order Completed', { userId: 'u' }, { properties: { total: 5 } });
    await kit.send(order);
    await kit.sendBatch([order, order]);
    await kit.drain();
    await kit.send(order);
    await kit.drain();
    expect(await kit.rows('select 1 from event')).toHaveLength(1);
    expect(await kit.rows('select duplicates from lane')).toEqual([{ duplicates: 3 }]);
    expect(await kit.rows('select 1 from quarantine')).toHaveLength(0);
  });

  it('puts the same id with another content into quarantine', async () => {
    const order = track('Order Completed', { userId: 'u' }, { properties: { total: 5 } });
    await kit.send(order);
    await kit.send({ ...order, properties: { total: 6 } });
    await kit.drain();
    expect(await kit.rows('select code from quarantine')).toEqual([{ code: 'same_id_other_body' }]);
    expect(await kit.rows('select 1 from event')).toHaveLength(1);
  });

  it('keeps a bad event from harming its neighbours, with its own text', async () => {
    const body = `{"batch":[${JSON.stringify(track('A', { userId: 'u' }))},{"type":"track","event":"B","userId":"u","messageId":"bad","properties":{"x":"\\u0000"}},${JSON.stringify(track('C', { userId: 'u' }))}]}`;
    await kit.sendRaw('batch', body, 3);
    await kit.drain();
    expect(await kit.rows('select name from event order by ordinal')).toEqual([
      { name: 'A' },
      { name: 'C' },
    ]);
    const [bad] = await kit.rows<{ code: string; body: string }>(
      'select code, body from quarantine',
    );
    expect(bad?.code).toBe('nul_character');
    expect(bad?.body).toContain('"x":"\\u0000"');
  });

  it('counts facts and moves people in and out of segments with the event that does it', async () => {
    await kit.publish('segment', {
      key: 'buyers',
      name: 'Buyers',
      condition: {
        all: [
          { event: 'Order Completed', count: { gte: 2 } },
          { trait: 'blocked', op: 'notEquals', value: true },
        ],
      },
    });
    await kit.send(track('Order Completed', { userId: 'u' }));
    await kit.send(track('Order Completed', { userId: 'u' }));
    await kit.send(identify({ userId: 'u' }, { blocked: true }));
    await kit.drain();
    expect(
      await kit.rows('select change from segment_membership_change order by position'),
    ).toEqual([{ change: 'entered' }, { change: 'left' }]);
    expect(await kit.rows('select 1 from segment_membership')).toHaveLength(0);
  });

  it('counts the past of everybody when a segment is published later', async () => {
    await kit.send(track('Order Completed', { userId: 'u' }));
    await kit.send(track('Order Completed', { userId: 'u' }));
    await kit.send(track('Order Completed', { userId: 'other' }));
    await kit.drain();
    await kit.publish('segment', {
      key: 'twice',
      name: 'Twice',
      condition: { event: 'Order Completed', count: { gte: 2 } },
    });
    await kit.drain();
    expect(await kit.rows('select segment_key from segment_membership')).toEqual([
      { segment_key: 'twice' },
    ]);
    await kit.send(track('Order Completed', { userId: 'other' }));
    await kit.drain();
    expect(await kit.rows('select 1 from segment_membership')).toHaveLength(2);
  });

  it('counts what a journey asks at a split, past and future, also for those on an older version', async () => {
    const splitting = (gte: number, event: string): { key: string } & Record<string, unknown> => ({
      ...ABANDONED,
      key: 'splitting',
      start: 'often',
      steps: {
        often: {
          kind: 'split',
          branches: [{ id: 'yes', when: { event, count: { gte } }, next: 'end' }],
          else: 'end',
        },
        end: { kind: 'exit', reason: 'done' },
      },
    });
    await kit.send(track('Order Completed', { userId: 'u' }));
    await kit.publish('journey', splitting(2, 'Order Completed'));
    await kit.send(track('Order Completed', { userId: 'u' }));
    await kit.publish('journey', splitting(1, 'Product Viewed'));
    await kit.send(track('Order Completed', { userId: 'u' }));
    await kit.send(track('Product Viewed', { userId: 'u' }));
    await kit.drain();
    const rows = await kit.rows<{ facts: Record<string, number> }>('select facts from customer');
    expect(rows[0]?.facts).toEqual({
      [factKey({ event: 'Order Completed' })]: 3,
      [factKey({ event: 'Product Viewed' })]: 1,
    });
  });

  it('enters a journey once per key and notes its start in the outbox', async () => {
    await kit.publish('journey', ABANDONED);
    await kit.send(track('Product Added', { userId: 'u' }, { properties: { cart_id: 'c1' } }));
    await kit.send(track('Product Added', { userId: 'u' }, { properties: { cart_id: 'c1' } }));
    await kit.send(track('Product Added', { userId: 'u' }, { properties: { cart_id: 'c2' } }));
    await kit.send(track('Product Added', { userId: 'u' }, { properties: {} }));
    await kit.drain();
    expect(await kit.rows('select journey_key, state from enrolment')).toHaveLength(2);
    expect(await kit.rows('select kind from outbox')).toEqual([
      { kind: 'start' },
      { kind: 'start' },
    ]);
  });

  it('asks for the exit of the enrolment whose key matches, and of no other, and counts its goal', async () => {
    await kit.publish('journey', ABANDONED);
    await kit.send(track('Product Added', { userId: 'u' }, { properties: { cart_id: 'c1' } }));
    await kit.send(track('Product Added', { userId: 'u' }, { properties: { cart_id: 'c2' } }));
    await kit.send(track('Order Completed', { userId: 'u' }, { properties: { cart_id: 'c2' } }));
    await kit.drain();
    expect(
      await kit.rows(
        `select trigger->'properties'->>'cart_id' as cart from enrolment where exit_request is not null`,
      ),
    ).toEqual([{ cart: 'c2' }]);
    expect(await kit.rows('select goal_id from goal_conversion')).toEqual([{ goal_id: 'order' }]);
    expect(await kit.rows("select kind from outbox where kind = 'wake'")).toHaveLength(1);
  });

  it('starts nothing for an event older than the journey takes', async () => {
    await kit.publish('journey', ABANDONED);
    const old = new Date(Date.now() - 2 * 3_600_000).toISOString();
    await kit.send(
      track('Product Added', { userId: 'u' }, { properties: { cart_id: 'c1' }, timestamp: old }),
    );
    await kit.drain();
    expect(await kit.rows('select 1 from enrolment')).toHaveLength(0);
    expect(await kit.rows('select 1 from event')).toHaveLength(1);
  });

  it('hands open enrolments to the survivor, and of two with one entry only one goes on', async () => {
    await kit.publish('journey', ABANDONED);
    await kit.send(track('Product Added', { userId: 'u' }, { properties: { cart_id: 'c1' } }));
    await kit.send(track('Product Added', { anonymousId: 'a' }, { properties: { cart_id: 'c1' } }));
    await kit.send(track('Product Added', { anonymousId: 'a' }, { properties: { cart_id: 'c9' } }));
    await kit.send(track('Login', { userId: 'u', anonymousId: 'a' }));
    await kit.drain();
    const [survivor] = await kit.rows<{ customer_id: string }>(
      'select customer_id from customer where merged_into is null',
    );
    const enrolments = await kit.rows(
      `select subject_id, superseded, exit_request->>'reason' as exit from enrolment order by entered_position`,
    );
    expect(enrolments).toEqual([
      { subject_id: survivor?.customer_id, superseded: false, exit: null },
      { subject_id: survivor?.customer_id, superseded: true, exit: 'merged' },
      { subject_id: survivor?.customer_id, superseded: false, exit: null },
    ]);
  });

  it('records consent with its history and the most restrictive of two people who merge', async () => {
    await kit.send(
      track(
        'Consent Changed',
        { userId: 'u' },
        { properties: { purpose: 'marketing', channel: 'email', state: 'granted' } },
      ),
    );
    await kit.send(
      track(
        'Consent Changed',
        { anonymousId: 'a' },
        { properties: { purpose: 'marketing', channel: 'email', state: 'denied' } },
      ),
    );
    await kit.send(track('Login', { userId: 'u', anonymousId: 'a' }));
    await kit.drain();
    expect(await kit.rows('select state from consent')).toEqual([{ state: 'denied' }]);
    expect(await kit.rows('select state from consent_change order by position')).toEqual([
      { state: 'granted' },
      { state: 'denied' },
    ]);
  });

  it('isolates an event that the database itself refuses, and goes on', async () => {
    // A trigger stands for a value that passes our own checks and not the server's.
    await kit.rows(`create function refuse() returns trigger language plpgsql as $$ begin
      if new.name = 'Poison' then raise exception 'no' using errcode = '22P05'; end if; return new; end $$`);
    await kit.rows(
      'create trigger refuse before insert on event for each row execute function refuse()',
    );
    await kit.sendBatch(
      ['A', 'Poison', 'B', 'Poison', 'C'].map((name) => track(name, { userId: name })),
    );
    await kit.send(track('D', { userId: 'd' }));
    await kit.drain();
    expect(await kit.rows('select name from event order by position, ordinal')).toEqual(
      ['A', 'B', 'C', 'D'].map((name) => ({ name })),
    );
    expect(await kit.rows('select code, ordinal from quarantine order by ordinal')).toEqual([
      { code: 'store_refused', ordinal: 1 },
      { code: 'store_refused', ordinal: 3 },
    ]);
  });

  it('stops loudly, quarantining nothing, when the fault is ours', async () => {
    await kit.rows('alter table trait_change rename to trait_changed');
    await kit.send(identify({ userId: 'u' }, { plan: 'pro' }));
    await expect(kit.drain()).rejects.toMatchObject({ code: '42P01' });
    expect(await kit.rows('select 1 from quarantine')).toHaveLength(0);
    expect(await kit.rows('select position from lane')).toEqual([{ position: 0 }]);
  });
});
