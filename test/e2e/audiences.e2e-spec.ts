/** Audiences followed by real runs, begun by what happens: workers end and die at pages, the platform refuses and breaks. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createBatchActivities } from '@throughline/activities';
import { runLanes } from '@throughline/store/ingestion';
import { audienceWorkflowId } from '@throughline/workflows/contract';
import fc from 'fast-check';
import {
  AUDIENCE_ID,
  AudienceKit,
  bought,
  prospect,
} from '../../activities/src/testing/audience-kit.js';
import { RunKit } from '../../activities/src/testing/run-kit.js';
import { AudienceStarter } from '../../apps/worker/src/audience-starter.js';
import { Log } from '../../apps/worker/src/log.js';
import { hashOf } from '../support/ad-platform.js';
import { chapters, Churn, faultsInTheWay } from '../support/audience-churn.js';
import { eventually } from '../support/eventually.js';

const LIMIT_MS = 300_000;
/** The promise: whoever has bought is out of the prospects' audience within a minute. */
const MINUTE_MS = 60_000;

describe('audiences', () => {
  let kit: AudienceKit;
  let runs: RunKit;
  let starter: AudienceStarter;

  beforeAll(async () => {
    [kit, runs] = await Promise.all([AudienceKit.open(4), RunKit.open()]);
    starter = new AudienceStarter({
      pool: kit.relay,
      client: runs.client,
      taskQueue: runs.batchQueue,
      publicUrl: 'http://127.0.0.1',
      log: new Log('silent'),
    });
    starter.onApplicationBootstrap();
    await work();
  }, LIMIT_MS);
  afterEach(() => {
    faultsInTheWay(kit, [], () => Promise.resolve());
  });
  afterAll(async () => {
    await starter.beforeApplicationShutdown();
    await runs.close();
    await kit.close();
  }, LIMIT_MS);

  function work(): Promise<void> {
    return runs.startBatchWorker(createBatchActivities(kit.dependencies()));
  }

  async function settled(audienceId: string, deadlineMs = 2 * MINUTE_MS): Promise<void> {
    await eventually(
      async () => {
        expect(kit.platform.members(audienceId)).toEqual(await kit.expected());
      },
      { deadlineMs },
    );
  }

  it(
    'have a buyer out of the prospects within a minute, through log, lane, run and platform',
    async () => {
      const lanes = runLanes({ url: kit.lane.url });
      try {
        await kit.audience('live', { audienceId: `${AUDIENCE_ID}-live` });
        for (const event of [...prospect('ada'), ...prospect('bob')]) await kit.lane.send(event);
        const members = () => kit.platform.members(`${AUDIENCE_ID}-live`);
        await eventually(
          () => {
            expect(members()).toEqual(
              [hashOf('ada@example.com'), hashOf('bob@example.com')].sort(),
            );
          },
          { deadlineMs: MINUTE_MS },
        );
        const begun = performance.now();
        const position = await kit.lane.send(bought('ada'));
        await eventually(
          () => {
            expect(members()).toEqual([hashOf('bob@example.com')]);
          },
          { deadlineMs: MINUTE_MS },
        );
        expect(performance.now() - begun).toBeLessThan(MINUTE_MS);
        const [run] = await kit.lane.rows<{ run_id: string; from: number; to: number }>(
          `select run_id, from_position as from, to_position as to from audience_run
            where audience_key = 'live' and counts ? 'removed' order by run_id`,
        );
        expect(run?.from).toBeLessThan(position);
        expect(run?.to).toBeGreaterThanOrEqual(position);
        const shown = await runs.client.workflow
          .getHandle(audienceWorkflowId('live', run?.run_id ?? ''))
          .describe();
        expect(await shown.staticSummary()).toBe('audience live · delta');
      } finally {
        await lanes.close();
      }
    },
    LIMIT_MS,
  );

  it(
    'end as their segment, whatever happens to people, platform and workers',
    async () => {
      let made = 0;
      await fc.assert(
        fc.asyncProperty(chapters, async (lived) => {
          made += 1;
          const audienceId = `${AUDIENCE_ID}-random-${made}`;
          await kit.audience(`random-${made}`, { audienceId });
          const churn = new Churn(kit, `random-${made}`);
          for (const { happenings, faults, erases } of lived) {
            // A worker dies with its connections; another takes its place.
            faultsInTheWay(kit, faults, () => kit.kill());
            for (const one of happenings) await churn.happen(one);
            await runs.stopWorkers();
            await work();
            if (erases !== null) await churn.erase(erases);
          }
          faultsInTheWay(kit, [], () => Promise.resolve());
          await runs.stopWorkers();
          await work();
          await settled(audienceId);
        }),
        { numRuns: 4, endOnFailure: true },
      );
    },
    LIMIT_MS,
  );
});
