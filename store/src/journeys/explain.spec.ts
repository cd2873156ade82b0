/** A past that was really lived, and the questions that support is asked about it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identify, track, type TestEvent } from '../ingestion/testing/lane-kit.js';
import { inWorkspace } from '../shared/index.js';
import { explainJourney, type Explanation } from './explain.js';
import { CART } from './testing/definitions.js';
import { PastKit } from './testing/past-kit.js';

const HOUR = 3_600_000;
const BEGAN = Math.floor(Date.now() / 1_000) * 1_000 - 12 * HOUR;
const after = (hours: number): number => BEGAN + hours * HOUR;

const BIG = {
  ...CART,
  key: 'big',
  trigger: {
    kind: 'event',
    event: 'Cart Updated',
    where: [{ property: 'total', op: 'gte', value: 50 }],
  },
};
const VIPS = {
  ...CART,
  key: 'vips',
  trigger: { kind: 'segment', segment: 'vip', on: 'entered' },
  entry: { reentry: 'once' },
};
const BIRTHDAY = {
  ...CART,
  key: 'birthday',
  trigger: { kind: 'date', trait: 'birthday', repeat: 'yearly', at: '09:00' },
  entry: { reentry: 'once' },
};

describe('explaining a journey', () => {
  let past: PastKit;

  beforeAll(async () => {
    past = await PastKit.open(() => ({ kind: 'skipped', reason: 'no_consent' }));
    const vip = { trait: 'vip', op: 'equals', value: true };
    await past.publish('segment', { key: 'vip', name: 'VIP', condition: vip }, after(0.5));
    for (const journey of [CART, BIG, VIPS, BIRTHDAY])
      await past.publish('journey', journey, after(0.5));
    await past.happen(after(1), [cart('ada', 'c1', { total: 3 }), cart('file', 'c1')]);
    await past.happen(after(4), [cart('ada', 'c1', { total: 3 })]);
    await past.happen(after(5), [
      { ...identify({ userId: 'ada' }, { vip: true, birthday: '1990-01-01' }) },
      identify({ userId: 'bob' }, { vip: false }),
    ]);
    await past.pass(after(8));
    await past.publish('journey', { ...CART, key: 'late' }, after(8.5));
  }, 60_000);
  afterAll(() => past.close());

  async function explain(person: string, journey: string, at = after(9)): Promise<Explanation> {
    const [row] = await past.kit.rows<{ id: string }>(
      `select customer_id as id from identifier where type = 'user_id' and value = $1`,
      [person],
    );
    const asked = { customerId: row?.id ?? '', journey, at };
    const explanation = await inWorkspace(past.app, past.workspaceId, (client) =>
      explainJourney(client, past.workspaceId, asked),
    );
    if (explanation === null) throw new TypeError('no such person');
    return explanation;
  }

  it('of somebody who entered tells the whole chain, to the guard that stopped the mail', async () => {
    const { version, enrolments, neverTriggered } = await explain('ada', 'cart');
    expect([version, enrolments.length, neverTriggered]).toEqual([1, 1, null]);
    const [chain] = enrolments;
    expect(chain).toMatchObject({
      enteredAt: after(1),
      endedAt: after(2),
      outcome: 'completed',
      trigger: { name: 'Cart Updated' },
      deliveries: [{ step: 'mail', state: 'skipped', reason: 'no_consent' }],
    });
    expect(chain?.trail.map(({ kind, step }) => `${kind} ${step ?? '-'}`)).toEqual([
      'entered -',
      'stepped wait',
      'waiting wait',
      'timed_out wait',
      'stepped mail',
      'skipped mail',
      'stepped end',
      'ended end',
    ]);
  });

  it('says why what came after the entry led nobody in again', async () => {
    const { verdicts } = await explain('ada', 'cart');
    expect(verdicts).toMatchObject([{ obstacle: 'already_once', ref: { clock: after(4) } }]);
  });

  it('of a time in between tells what was known then', async () => {
    const { enrolments, verdicts } = await explain('ada', 'cart', after(1.5));
    expect(enrolments).toMatchObject([{ endedAt: null, outcome: null, deliveries: [] }]);
    expect(enrolments[0]?.trail.at(-1)?.kind).toBe('waiting');
    expect(verdicts).toEqual([]);
  });

  it('of somebody who did not enter names the filter and the latest event', async () => {
    const { enrolments, verdicts } = await explain('ada', 'big');
    expect(enrolments).toEqual([]);
    expect(verdicts[0]).toMatchObject({
      obstacle: 'filter',
      ref: { clock: after(4) },
      failed: [{ property: 'total', op: 'gte', wanted: 50, found: 3 }],
    });
    expect(verdicts).toHaveLength(2);
  });

  it('knows that the journey was not live when it happened', async () => {
    const { verdicts } = await explain('ada', 'late');
    expect(verdicts).toMatchObject([
      { obstacle: 'journey_not_live', ref: { clock: after(4) } },
      { obstacle: 'journey_not_live', ref: { clock: after(1) } },
    ]);
    expect((await explain('ada', 'late', after(8.1))).neverTriggered?.kind).toBe('no_version');
  });

  it('knows that it was stopped when it happened', async () => {
    await past.kit.rows(
      `insert into audit_log (workspace_id, audit_id, at, actor, action, subject)
       values ($1, gen_random_uuid(), $2, 'ops', 'journey.stop', 'big')`,
      [past.workspaceId, new Date(after(3)).toISOString()],
    );
    const { verdicts } = await explain('ada', 'big');
    expect(verdicts.map(({ obstacle }) => obstacle)).toEqual(['journey_not_live', 'filter']);
  });

  it.each([
    ['bob', 'cart', 'no_event', null],
    ['bob', 'vips', 'no_change', 'vip'],
    ['bob', 'birthday', 'no_date', null],
    ['ada', 'birthday', 'date_ahead', null],
    ['ada', 'none', 'no_version', null],
  ])('%s and the journey %s: %s', async (person, journey, kind, segment) => {
    const { neverTriggered, verdicts } = await explain(person, journey);
    expect(neverTriggered).toMatchObject({ kind, segment });
    expect(verdicts).toEqual([]);
  });

  it('follows a segment that was entered', async () => {
    const { enrolments } = await explain('ada', 'vips');
    expect(enrolments).toMatchObject([{ trigger: { name: 'Segment Entered' } }]);
  });

  it('of nobody is null', async () => {
    const asked = { customerId: '00000000-0000-7000-8000-000000000000', journey: 'cart', at: 0 };
    const explanation = await inWorkspace(past.app, past.workspaceId, (client) =>
      explainJourney(client, past.workspaceId, asked),
    );
    expect(explanation).toBeNull();
  });
});

function cart(userId: string, id: string, more: object = {}): TestEvent {
  return track('Cart Updated', { userId }, { properties: { cart_id: id, ...more } });
}
