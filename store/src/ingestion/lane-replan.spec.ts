/** People who move while they wait, through the real lane and the real step. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openEnginePool, stepEnrolment, type EnginePool } from '../journeys/index.js';
import { identify, openLaneKit, track, type LaneKit } from './testing/lane-kit.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const time = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
const end = { kind: 'exit', reason: 'completed' };

describe('the lane', () => {
  let kit: LaneKit;
  let engine: EnginePool;
  /** a time of day five hours away, and when that is */
  let at: string;
  let instant: number;

  beforeAll(() => {
    instant = Math.floor((Date.now() + 5 * HOUR) / MINUTE) * MINUTE;
    at = time(instant);
  });

  beforeEach(async () => {
    kit = await openLaneKit();
    engine = openEnginePool({ url: kit.url });
  });

  afterEach(async () => {
    await engine.end();
    await kit.close();
  });

  async function enrol(step: object, over: object = {}): Promise<string> {
    await kit.publish('journey', {
      key: 'j',
      name: 'J',
      trigger: { kind: 'event', event: 'Begin' },
      entry: { reentry: 'once' },
      start: 'step',
      steps: { step, end },
      purpose: 'marketing',
      ...over,
    });
    await kit.send(track('Begin', { userId: 'u' }));
    await kit.drain();
    const [row] = await kit.rows<{ enrolment_id: string }>('select enrolment_id from enrolment');
    const enrolmentId = row?.enrolment_id ?? '';
    await step1(enrolmentId);
    await kit.rows('delete from outbox');
    return enrolmentId;
  }

  const step1 = (enrolmentId: string) =>
    stepEnrolment(engine, { workspaceId: kit.workspaceId, enrolmentId, generation: 1, seq: 1 });

  async function learn(traits: Record<string, unknown>): Promise<void> {
    await kit.send(identify({ userId: 'u' }, traits));
    await kit.drain();
  }

  async function deadline(): Promise<number> {
    const [row] = await kit.rows<{ ms: string }>(
      'select extract(epoch from deadline) * 1000 as ms from wait where closed_at is null',
    );
    return Number(row?.ms);
  }

  const wakes = async () => (await kit.rows('select 1 from outbox')).length;

  it('moves a wait for a time of day with the person, and wakes the run', async () => {
    const enrolmentId = await enrol({
      kind: 'delay',
      until: { kind: 'localTime', at },
      next: 'end',
    });
    expect(await deadline()).toBe(instant);
    await learn({ timezone: 'Etc/GMT-2' });
    expect(await deadline()).toBe(instant - 2 * HOUR);
    expect(await wakes()).toBe(1);
    expect(await step1(enrolmentId)).toMatchObject({ kind: 'wait', until: instant - 2 * HOUR });
  });

  it('moves a wait for a date with the date', async () => {
    const on = (days: number) => new Date(Date.now() + days * 24 * HOUR).toISOString().slice(0, 10);
    const until = { kind: 'date', trait: 'trip', ifPast: 'exit' };
    await kit.send(identify({ userId: 'u' }, { trip: on(3) }));
    const enrolmentId = await enrol({ kind: 'delay', until, next: 'end' });
    expect(await deadline()).toBe(Date.parse(on(3)));
    await learn({ trip: on(9) });
    expect(await deadline()).toBe(Date.parse(on(9)));
    await learn({ trip: on(-1) });
    expect(await wakes()).toBeGreaterThan(0);
    const next = { workspaceId: kit.workspaceId, enrolmentId, generation: 1, seq: 2 };
    expect(await stepEnrolment(engine, next)).toMatchObject({
      kind: 'end',
      outcome: 'exited:date_passed',
    });
  });

  it('moves nothing for another trait, a name that is no zone, or a length of time', async () => {
    await enrol({ kind: 'delay', until: { kind: 'localTime', at }, next: 'end' });
    await learn({ name: 'Ada' });
    await learn({ timezone: 'Middle Earth' });
    expect(await deadline()).toBe(instant);
    expect(await wakes()).toBe(0);
  });

  it('leaves a length of time alone', async () => {
    await enrol({ kind: 'delay', duration: 'PT4H', next: 'end' });
    const before = await deadline();
    await learn({ timezone: 'Asia/Tokyo' });
    expect(await deadline()).toBe(before);
    expect(await wakes()).toBe(0);
  });

  it('wakes a run that quiet hours may be keeping', async () => {
    const mail = { kind: 'message', channel: 'email', connection: 'm', template: 't', next: 'end' };
    await enrol(mail, { quietHours: { from: '21:00', to: '08:00' } });
    await learn({ timezone: 'Asia/Tokyo' });
    expect(await wakes()).toBe(1);
  });

  it('comes to the same rows whatever the cut of the log', async () => {
    const step = { kind: 'delay', until: { kind: 'localTime', at }, next: 'end' };
    await enrol(step);
    await kit.sendBatch([
      identify({ userId: 'u' }, { timezone: 'Etc/GMT-3' }),
      identify({ userId: 'u' }, { timezone: 'Etc/GMT-1' }),
    ]);
    await kit.drain(1);
    expect(await deadline()).toBe(instant - HOUR);
  });
});
