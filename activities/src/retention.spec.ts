/** The nightly clearing as Temporal runs it: a dry run says what the next one will do, and does nothing. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPrivacyPool, type PrivacyPool } from '@throughline/store/consent';
import { openLaneKit, track, type LaneKit } from '../../store/src/ingestion/testing/lane-kit.js';
import { createRetentionActivities } from './retention.js';
import { keepHistory } from './testing/keep-history.js';
import { RunKit } from './testing/run-kit.js';

const policy = { logDays: 7, eventDays: 30, quarantineDays: 30, rejectDays: 30, trailDays: 60 };

describe('applyRetention', () => {
  let kit: LaneKit;
  let runs: RunKit;
  let pool: PrivacyPool;

  beforeAll(async () => {
    [kit, runs] = await Promise.all([openLaneKit(), RunKit.open()]);
    pool = openPrivacyPool({ url: kit.url });
    const log = { warn: () => undefined };
    await runs.startBatchWorker(createRetentionActivities({ pool, policy, log }));
  }, 60_000);
  afterAll(async () => {
    await runs.close();
    await pool.end();
    await kit.close();
  });

  const apply = async (dryRun: boolean): Promise<unknown> => {
    const handle = await runs.client.workflow.start('applyRetention', {
      workflowId: `retention-${randomBytes(6).toString('hex')}`,
      taskQueue: runs.batchQueue,
      args: [{ dryRun }],
    });
    const report: unknown = await handle.result();
    await keepHistory(handle, dryRun ? 'retention-dry-run' : 'retention');
    return report;
  };

  it('removes what a dry run has said, once', async () => {
    const day = new Date(Date.now() - 9 * 86_400_000).toISOString().slice(0, 10);
    const name = `event_log_${day.replaceAll('-', '')}`;
    await kit.rows(
      `create table ${name} partition of event_log for values from ('${day} 00:00:00+00') to ('${day} 24:00:00+00')`,
    );
    await kit.send({ ...track('nobody', {}) });
    await kit.drain();
    await kit.rows(`update quarantine set received_at = received_at - interval '31 days'`);
    const old = { 'event_log partitions': 1, quarantine: 1 };
    expect(await apply(true)).toMatchObject(old);
    expect(await kit.rows('select 1 from quarantine')).toHaveLength(1);
    expect(await apply(false)).toMatchObject(old);
    expect(await kit.rows('select 1 from quarantine')).toEqual([]);
    expect(await kit.rows('select to_regclass($1) as there', [name])).toEqual([{ there: null }]);
    const after = await apply(false);
    expect(after).toMatchObject({ quarantine: 0 });
    expect(after).not.toHaveProperty('event_log partitions');
  }, 60_000);
});
