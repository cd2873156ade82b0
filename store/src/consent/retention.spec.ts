import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../shared/index.js';
import { openLaneKit, track, type LaneKit } from '../ingestion/testing/lane-kit.js';
import {
  dropPartition,
  keepPartitionsAhead,
  listExpiredPartitions,
  openPrivacyPool,
  sweepRows,
  type PrivacyPool,
  type RetentionPolicy,
} from './index.js';

const POLICY: RetentionPolicy = {
  logDays: 7,
  eventDays: 30,
  quarantineDays: 30,
  rejectDays: 30,
  trailDays: 60,
};

describe('retention', () => {
  let kit: LaneKit;
  let pool: PrivacyPool;

  beforeAll(async () => {
    kit = await openLaneKit();
    pool = openPrivacyPool({ url: kit.url });
  });
  afterAll(async () => {
    await pool.end();
    await kit.close();
  });

  const dayOf = (daysAgo: number): string =>
    new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);

  async function partition(parent: string, daysAgo: number): Promise<string> {
    const day = dayOf(daysAgo);
    const name = `${parent}_${day.replaceAll('-', '')}`;
    await kit.rows(
      `create table if not exists ${name} partition of ${parent}
         for values from ('${day} 00:00:00+00') to ('${dayOf(daysAgo - 1)} 00:00:00+00')`,
    );
    return name;
  }

  const exists = async (name: string): Promise<boolean> =>
    (await kit.rows<{ there: boolean }>('select to_regclass($1) is not null as there', [name]))[0]
      ?.there === true;

  it('drops partitions that are older than their policy, and no others', async () => {
    const old = [
      await partition('event_log', 9),
      await partition('message_seen', 11),
      await partition('event', 32),
    ];
    const young = [
      await partition('event_log', 6),
      await partition('message_seen', 8),
      await partition('event', 29),
    ];
    const expired = await listExpiredPartitions(pool, POLICY);
    expect(expired.map(({ parent, day }) => `${parent} ${day}`).sort()).toEqual(
      [`event ${dayOf(32)}`, `event_log ${dayOf(9)}`, `message_seen ${dayOf(11)}`].sort(),
    );
    for (const one of expired) expect(await dropPartition(pool, one)).toBe(true);
    for (const one of expired) expect(await dropPartition(pool, one)).toBe(false);
    expect(await Promise.all(old.map(exists))).toEqual([false, false, false]);
    expect(await Promise.all(young.map(exists))).toEqual([true, true, true]);
  });

  it('keeps events for ever where no policy says otherwise', async () => {
    await partition('event', 400);
    const expired = await listExpiredPartitions(pool, { ...POLICY, eventDays: null });
    expect(expired.filter(({ parent }) => parent === 'event')).toEqual([]);
  });

  it('keeps a log that is not applied, however old it is', async () => {
    await partition('event_log', 12);
    await kit.rows(
      `insert into event_log (workspace_id, position, clock, kind) select $1, position + 1000000, $2, 'tick' from lane where workspace_id = $1`,
      [kit.workspaceId, `${dayOf(12)} 12:00:00+00`],
    );
    const logs = async (): Promise<string[]> =>
      (await listExpiredPartitions(pool, POLICY)).flatMap(({ parent, day }) =>
        parent === 'event_log' ? [day] : [],
      );
    expect(await logs()).toEqual([]);
    await kit.rows('delete from event_log where position >= 1000000');
    expect(await logs()).toEqual([dayOf(12)]);
  });

  it('never drops what is young, whoever asks', async () => {
    await expect(dropPartition(pool, { parent: 'event', day: dayOf(0) })).rejects.toThrow(
      'too young',
    );
    await expect(
      pool.query(`select drop_partition('customer', current_date - 100)`),
    ).rejects.toThrow('not a partitioned table');
    await expect(pool.query('drop table event')).rejects.toMatchObject({ code: '42501' });
    await expect(pool.query('select 1 from customer')).rejects.toMatchObject({ code: '42501' });
  });

  it('makes partitions ahead, so that a worker that runs for months never misses one', async () => {
    const name = `event_log_${dayOf(-14).replaceAll('-', '')}`;
    await kit.rows(`drop table if exists ${name}`);
    await keepPartitionsAhead(pool);
    expect(await exists(name)).toBe(true);
  });

  it('counts old rows in a dry run, and deletes just those', async () => {
    await kit.send({ ...track('x', {}), messageId: 'nobody' });
    await kit.drain();
    const [row] = await kit.rows<{ quarantine_id: string }>('select quarantine_id from quarantine');
    await kit.rows(
      `insert into quarantine select workspace_id, gen_random_uuid(), position, ordinal, source_key, endpoint, code, detail, body,
              received_at - interval '31 days', state from quarantine`,
    );
    for (const [key, age] of [
      ['old', '2 days'],
      ['new', '1 hour'],
    ])
      await kit.rows(
        `insert into idempotent_answer (workspace_id, idempotency_key, request_hash, status, created_at) values ($1, $2, 'x', 200, now() - $3::interval)`,
        [kit.workspaceId, key, age],
      );
    const [kept, gone] = [newId(), newId()];
    for (const [id, age] of [
      [kept, '59 days'],
      [gone, '61 days'],
    ]) {
      await kit.rows(
        `insert into enrolment (workspace_id, enrolment_id, journey_key, version, customer_id, subject_id, entry_key, state, run_state, trigger,
           entered_at, entered_position, entered_ordinal, consumed_position, consumed_ordinal, consumed_clock, ended_at)
         values ($1, $2, 'j', 1, $2, $2, 'once', 'ended', '{}', '{}', now(), 1, 0, 1, 0, now(), now() - $3::interval)`,
        [kit.workspaceId, id, age],
      );
      await kit.rows(
        `insert into trail (workspace_id, enrolment_id, seq, entry, journey_key, version, at, kind) values ($1, $2, 1, 0, 'j', 1, now(), 'entered')`,
        [kit.workspaceId, id],
      );
    }
    const sweep = (dryRun: boolean) =>
      sweepRows(pool, {
        workspaceId: kit.workspaceId,
        policy: POLICY,
        dryRun,
        beat: () => undefined,
      });
    const expected = { quarantine: 1, import_reject: 0, idempotent_answer: 1, trail: 1 };
    expect(await sweep(true)).toEqual(expected);
    expect(await sweep(true)).toEqual(expected);
    expect(await sweep(false)).toEqual(expected);
    expect(await sweep(false)).toEqual({
      quarantine: 0,
      import_reject: 0,
      idempotent_answer: 0,
      trail: 0,
    });
    expect(await kit.rows('select quarantine_id from quarantine')).toEqual([row]);
    expect(await kit.rows('select idempotency_key as key from idempotent_answer')).toEqual([
      { key: 'new' },
    ]);
    expect(await kit.rows('select enrolment_id as id from trail')).toEqual([{ id: kept }]);
  });
});
