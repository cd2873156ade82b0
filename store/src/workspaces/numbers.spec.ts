import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { CART } from '../journeys/testing/definitions.js';
import { JourneyWorld, type Enrolled } from '../journeys/testing/journey-world.js';
import { inWorkspace, newId, openPool } from '../shared/index.js';
import { listDeliveries, readDelivery, type DeliveryFilter } from './deliveries.js';
import { listEnrolments, readEnrolment, readTrail, type EnrolmentFilter } from './enrolments.js';
import { readJourneyNumbers, type JourneyNumbers } from './numbers.js';

let world: JourneyWorld;
let app: pg.Pool;

beforeAll(async () => {
  world = await JourneyWorld.create();
  app = openPool({ url: world.url, role: 'tl_app', max: 2 });
  await world.journey(CART);
  await world.journey({ ...CART, key: 'other' });
});
beforeEach(async () => {
  for (const table of ['goal_conversion', 'delivery', 'trail', 'wait', 'enrolment'])
    await world.sql(`delete from ${table} where workspace_id = $1`);
});
afterAll(async () => {
  await app.end();
  await world.close();
});

const enter = async (journey = 'cart'): Promise<Enrolled> =>
  world.enrol({ journey, customerId: await world.customer(), clock: Date.now() });
const numbers = (journey = 'cart'): Promise<JourneyNumbers> =>
  inWorkspace(app, world.workspaceId, (client) =>
    readJourneyNumbers(client, world.workspaceId, journey),
  );
const change = (run: Enrolled, assignments: string): Promise<unknown> =>
  world.sql(
    `update enrolment set ${assignments} where workspace_id = $1 and enrolment_id = $2`,
    run.enrolmentId,
  );

let seq = 0;
async function note(
  run: Enrolled,
  [kind, step, detail]: readonly [string, string | null, object?],
  { journey = 'cart', version = 1 } = {},
): Promise<void> {
  seq += 1;
  await world.sql(
    `insert into trail (workspace_id, enrolment_id, seq, entry, journey_key, version, at, step_id, visit, kind, detail)
     values ($1, $2, $3, 0, $4, $5, now(), $6, 1, $7, $8)`,
    run.enrolmentId,
    seq,
    journey,
    version,
    step,
    kind,
    JSON.stringify(detail ?? {}),
  );
}

describe('the numbers of a journey', () => {
  it('are all nothing where nobody has entered', async () => {
    expect(await numbers('nowhere')).toMatchObject({
      journey: 'nowhere',
      entered: 0,
      active: 0,
      held: 0,
      ended: {},
      converted: {},
      steps: [],
    });
  });

  it('count people by where they are, and ended ones by how they ended', async () => {
    const [, held, done, again, left] = [
      await enter(),
      await enter(),
      await enter(),
      await enter(),
      await enter(),
    ];
    await change(held, `state = 'held', held_reason = 'hard_bounce'`);
    await change(done, `state = 'ended', outcome = 'completed'`);
    await change(again, `state = 'ended', outcome = 'completed'`);
    await change(left, `state = 'ended', outcome = 'exited:bought'`);
    expect(await numbers()).toMatchObject({
      entered: 5,
      active: 1,
      held: 1,
      ended: { completed: 2, 'exited:bought': 1 },
    });
  });

  it('count each step of each version over the trail, with reasons', async () => {
    const [one, two] = [await enter(), await enter()];
    for (const run of [one, two]) await note(run, ['stepped', 'mail']);
    await note(one, ['sent', 'mail']);
    await note(two, ['skipped', 'mail', { reason: 'no_consent' }]);
    await note(two, ['stepped', 'mail'], { version: 2 });
    await note(two, ['failed', 'mail', { code: 'hard_bounce' }], { version: 2 });
    await note(two, ['stepped', 'hook'], { version: 2 });
    await note(two, ['unknown', 'hook'], { version: 2 });
    await note(two, ['ended', null, { outcome: 'completed' }], { version: 2 });
    const empty = { waiting: 0, sent: 0, skipped: {}, failed: {}, unknown: 0 };
    expect((await numbers()).steps).toEqual([
      { ...empty, version: 1, step: 'mail', entered: 2, sent: 1, skipped: { no_consent: 1 } },
      { ...empty, version: 2, step: 'hook', entered: 1, unknown: 1 },
      { ...empty, version: 2, step: 'mail', entered: 1, failed: { hard_bounce: 1 } },
    ]);
  });

  it('say who waits now: open waits of people who have not ended', async () => {
    const [waiting, over] = [await enter(), await enter()];
    await world.step(waiting, 1);
    await world.step(over, 1);
    const step = async () => (await numbers()).steps.find(({ waiting: now }) => now > 0);
    expect(await step()).toMatchObject({ waiting: 2 });
    await change(over, `state = 'ended', outcome = 'exited:x'`);
    expect(await step()).toMatchObject({ waiting: 1 });
    await world.sql('update wait set closed_at = now() where workspace_id = $1');
    expect(await step()).toBeUndefined();
  });

  it('count goals apart for those who were left out', async () => {
    const [reached, leftOut] = [await enter(), await enter()];
    await change(leftOut, `state = 'ended', outcome = 'holdout'`);
    for (const { enrolmentId } of [reached, leftOut]) {
      await world.sql(
        `insert into goal_conversion (workspace_id, enrolment_id, goal_id, journey_key, position, ordinal, at)
         values ($1, $2, 'bought', 'cart', 1, 0, now())`,
        enrolmentId,
      );
    }
    expect(await numbers()).toMatchObject({
      entered: 2,
      converted: { bought: 1 },
      holdout: { entered: 1, converted: { bought: 1 } },
    });
  });

  it('are those of one journey', async () => {
    const theirs = await enter('other');
    await note(theirs, ['stepped', 'mail'], { journey: 'other' });
    expect(await numbers('cart')).toMatchObject({ entered: 0, steps: [] });
    expect(await numbers('other')).toMatchObject({ entered: 1, steps: [{ step: 'mail' }] });
  });
});

describe('enrolments', () => {
  const ALL: EnrolmentFilter = {
    journey: null,
    state: null,
    customer: null,
    after: null,
    limit: 10,
  };
  const list = async (filter: Partial<EnrolmentFilter> = {}): Promise<string[]> => {
    const rows = await inWorkspace(app, world.workspaceId, (client) =>
      listEnrolments(client, world.workspaceId, { ...ALL, ...filter }),
    );
    return rows.map(({ enrolmentId }) => enrolmentId);
  };

  it('are listed newest first, page by page', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) ids.push((await enter()).enrolmentId);
    const newest = [...ids].sort().reverse();
    expect(await list({ limit: 2 })).toEqual(newest.slice(0, 2));
    expect(await list({ limit: 2, after: newest[1] ?? null })).toEqual(newest.slice(2));
  });

  it('are filtered by journey, state and customer', async () => {
    const [mine, theirs] = [await enter('cart'), await enter('other')];
    await change(theirs, `state = 'held', held_reason = 'x'`);
    expect(await list({ journey: 'cart' })).toEqual([mine.enrolmentId]);
    expect(await list({ state: 'held' })).toEqual([theirs.enrolmentId]);
    expect(await list({ customer: mine.customerId })).toEqual([mine.enrolmentId]);
    expect(await list({ customer: mine.customerId, state: 'held' })).toEqual([]);
  });

  it('follow a merge: the subject is asked for, and who entered stays known', async () => {
    const run = await enter();
    const survivor = await world.customer();
    await world.merge(survivor, run.customerId);
    expect(await list({ customer: survivor })).toEqual([run.enrolmentId]);
    expect(await list({ customer: run.customerId })).toEqual([]);
    const read = await inWorkspace(app, world.workspaceId, (client) =>
      readEnrolment(client, world.workspaceId, run.enrolmentId),
    );
    expect(read).toMatchObject({ customerId: run.customerId, subjectId: survivor });
  });

  it('have their trail oldest first, up to a limit', async () => {
    const run = await enter();
    for (const kind of ['entered', 'stepped', 'ended']) await note(run, [kind, null]);
    const trail = await inWorkspace(app, world.workspaceId, (client) =>
      readTrail(client, world.workspaceId, { enrolmentId: run.enrolmentId, limit: 2 }),
    );
    expect(trail.map(({ kind }) => kind)).toEqual(['entered', 'stepped']);
  });
});

describe('deliveries', () => {
  const ALL: DeliveryFilter = {
    state: null,
    reason: null,
    journey: null,
    enrolment: null,
    customer: null,
    after: null,
    limit: 10,
  };
  const list = async (filter: Partial<DeliveryFilter> = {}): Promise<string[]> => {
    const rows = await inWorkspace(app, world.workspaceId, (client) =>
      listDeliveries(client, world.workspaceId, { ...ALL, ...filter }),
    );
    return rows.map(({ deliveryKey }) => deliveryKey);
  };
  const deliver = async (
    run: Enrolled,
    { state, reason = null, visit = 1 }: { state: string; reason?: string | null; visit?: number },
  ): Promise<string> => {
    const key = `${run.enrolmentId}:mail:${visit}`;
    await world.sql(
      `insert into delivery (workspace_id, delivery_key, enrolment_id, journey_key, version, step_id, visit, subject_id,
                             connection_key, connector_key, action, state, reason, expires_at)
       values ($1, $2, $3, 'cart', 1, 'mail', $4, $5, 'mail', 'smtp-email', 'send', $6, $7, now() + interval '1 hour')`,
      key,
      run.enrolmentId,
      visit,
      run.customerId,
      state,
      reason,
    );
    return key;
  };

  it('are found by what became of them, and why', async () => {
    const run = await enter();
    const accepted = await deliver(run, { state: 'accepted' });
    const skipped = await deliver(run, { state: 'skipped', reason: 'no_consent', visit: 2 });
    const capped = await deliver(run, { state: 'skipped', reason: 'capped', visit: 3 });
    expect(await list({ state: 'accepted' })).toEqual([accepted]);
    expect(await list({ state: 'skipped' })).toEqual([capped, skipped]);
    expect(await list({ state: 'skipped', reason: 'no_consent' })).toEqual([skipped]);
    expect(await list({ state: 'unknown' })).toEqual([]);
  });

  it('are found by person, enrolment and journey, page by page', async () => {
    const [one, two] = [await enter(), await enter()];
    const keys = [
      await deliver(one, { state: 'accepted' }),
      await deliver(one, { state: 'accepted', visit: 2 }),
      await deliver(two, { state: 'accepted' }),
    ];
    const newest = [...keys].sort().reverse();
    expect(await list({ customer: two.customerId })).toEqual([keys[2]]);
    expect(await list({ enrolment: one.enrolmentId })).toHaveLength(2);
    expect(await list({ journey: 'other' })).toEqual([]);
    expect(await list({ limit: 2 })).toEqual(newest.slice(0, 2));
    expect(await list({ limit: 2, after: newest[1] ?? null })).toEqual(newest.slice(2));
  });

  it('are nobody else’s', async () => {
    const key = await deliver(await enter(), { state: 'accepted' });
    const read = (workspace: string) =>
      inWorkspace(app, workspace, (client) => readDelivery(client, world.workspaceId, key));
    expect(await read(world.workspaceId)).toMatchObject({ deliveryKey: key, state: 'accepted' });
    expect(await read(newId())).toBeNull();
  });
});
