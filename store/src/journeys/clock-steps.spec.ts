/** Steps that look at the clock, draw lots or listen to conditions, over real rows. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@throughline/domain/shared';
import { readJourneyNumbers } from '../workspaces/index.js';
import { END } from './testing/definitions.js';
import { HOUR, JourneyWorld, MINUTE } from './testing/journey-world.js';

const COMMON = {
  name: 'Clock',
  trigger: { kind: 'event', event: 'Cart Updated' },
  entry: { reentry: 'afterExit', minGap: 'PT0S' },
  start: 'step',
  purpose: 'marketing',
} as const;
const MORNING = Date.parse('2026-03-28T08:00:00Z');

describe('step', () => {
  let world: JourneyWorld;

  beforeAll(async () => {
    world = await JourneyWorld.create();
  });

  afterAll(() => world.close());

  async function enrol(
    key: string,
    step: JsonObject,
    {
      over = {},
      traits = {},
      clock = MORNING,
    }: {
      readonly over?: JsonObject;
      readonly traits?: JsonObject;
      readonly clock?: number;
    } = {},
  ) {
    await world.journey({ ...COMMON, key, steps: { step, end: END }, ...over });
    return world.enrol({ journey: key, customerId: await world.customer(traits), clock });
  }

  const nine = { kind: 'delay', until: { kind: 'localTime', at: '09:00' }, next: 'end' } as const;

  it('waits for a time of day over a change of the clocks', async () => {
    const clock = Math.ceil(Date.now() / HOUR) * HOUR;
    const berlin = { traits: { timezone: 'Europe/Berlin' } };
    const spring = await enrol('nine', nine, berlin);
    await world.step(spring, 1);
    const [row] = await world.sql<{ deadline: number }>(
      'select deadline from wait where workspace_id = $1 and enrolment_id = $2',
      spring.enrolmentId,
    );
    expect(row?.deadline).toBe(Date.parse('2026-03-29T07:00:00Z'));
    const later = await enrol('nine', nine, { ...berlin, clock });
    const command = await world.step(later, 1);
    expect(command).toMatchObject({ kind: 'wait', summary: 'wait until 09:00 local' });
    if (command.kind !== 'wait' || command.until === null) return;
    expect(command.until - clock).toBeLessThanOrEqual(25 * HOUR);
    expect(command.spreadMs).toBeLessThanOrEqual(MINUTE);
  });

  it('ends at once for those who are left out, who count', async () => {
    const run = await enrol('held-out', nine, { over: { holdout: { percent: 100 } } });
    expect(await world.step(run, 1)).toMatchObject({ kind: 'end', outcome: 'holdout' });
    expect(await world.enrolment(run)).toMatchObject({ state: 'ended', outcome: 'holdout' });
    expect(await world.step(run, 1)).toMatchObject({ kind: 'end', outcome: 'holdout' });
    await world.sql(
      `insert into goal_conversion (workspace_id, enrolment_id, goal_id, journey_key, position, ordinal, at)
       values ($1, $2, 'bought', 'held-out', 1, 0, now())`,
      run.enrolmentId,
    );
    const numbers = await readJourneyNumbers(world.admin, world.workspaceId, 'held-out');
    expect(numbers).toMatchObject({
      entered: 1,
      ended: { holdout: 1 },
      converted: {},
      holdout: { entered: 1, converted: { bought: 1 } },
    });
  });

  it('draws the same way again after a merge and a reset', async () => {
    const branches = ['a', 'b', 'c', 'd'].map((id) => ({ id, weight: 1, next: id }));
    const ends = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((id) => [id, { kind: 'exit', reason: id }]),
    );
    const split = { kind: 'randomSplit', salt: 's', branches };
    const wait = { kind: 'delay', duration: 'PT1S', next: 'step' };
    const over = { start: 'wait', steps: { wait, step: split, ...ends, end: END } };
    const customerId = await world.customer();
    await world.journey({ ...COMMON, key: 'lots', ...over });
    const outcomes: unknown[] = [];
    for (let run = 0; run < 3; run += 1) {
      const enrolled = await world.enrol({ journey: 'lots', customerId, clock: MORNING });
      if (run === 1) {
        const survivor = await world.customer();
        await world.merge(survivor, customerId);
      }
      await world.step(enrolled, 1);
      await world.moveLane(MORNING + HOUR);
      outcomes.push(await world.step(enrolled, 2));
    }
    const [first] = outcomes;
    expect(first).toMatchObject({ kind: 'end' });
    expect(outcomes.map((one) => JSON.stringify(one))).toEqual(
      outcomes.map(() => JSON.stringify(first)),
    );
  });

  it('listens for people who enter the hidden segment of a condition', async () => {
    const when = { trait: 'plan', op: 'equals', value: 'gold' };
    const branches = [{ id: 'gold', on: { kind: 'condition', when }, next: 'end' }];
    const step = { kind: 'waitFor', branches, timeout: { after: 'P1D', next: 'end' } };
    const run = await enrol('condition', step, { clock: Date.now() - HOUR });
    expect(await world.step(run, 1)).toMatchObject({ summary: 'wait up to 1 d for a condition' });
    const [row] = await world.sql<{ subscriptions: unknown }>(
      'select subscriptions from wait where workspace_id = $1 and enrolment_id = $2',
      run.enrolmentId,
    );
    const on = { kind: 'segment', segment: '_condition.1.1', on: 'entered' };
    expect(row?.subscriptions).toEqual([{ branch: 'gold', on }]);
  });

  it('finds, looking back, that the condition began to hold before it asked', async () => {
    const when = { trait: 'plan', op: 'equals', value: 'gold' };
    const branches = [{ id: 'gold', on: { kind: 'condition', when }, next: 'end' }];
    const step = { kind: 'waitFor', branches, timeout: { after: 'P1D', next: 'end' } };
    const clock = Date.now() - HOUR;
    const run = await enrol('looking-back', step, { clock });
    const position = await world.moveLane(clock + MINUTE);
    await world.sql(
      `insert into segment_membership_change (workspace_id, customer_id, position, ordinal, segment_key, version, change, at, clock)
       values ($1, $2, $3, 0, '_looking-back.1.1', 1, 'entered', to_timestamp($4::float8 / 1000), to_timestamp($4::float8 / 1000))`,
      run.customerId,
      position,
      clock + MINUTE,
    );
    expect(await world.step(run, 1)).toMatchObject({ kind: 'end', outcome: 'completed' });
  });
});
