/** Whatever happens to people, platform and workers, the audience ends as the segment; seeds are fast-check's own, told on failure. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  chapters,
  Churn,
  faultsInTheWay,
  wronglyRepeated,
} from '../../test/support/audience-churn.js';
import { AUDIENCE_ID, AudienceKit } from './testing/audience-kit.js';

const LIMIT_MS = 240_000;
const RUNS = 25;

describe('an audience of random people', () => {
  let kit: AudienceKit;
  let made = 0;

  beforeAll(async () => {
    kit = await AudienceKit.open(4);
  });
  afterAll(() => kit.close());

  it(
    'ends as its segment, and repeats no page but one whose outcome nobody knew',
    async () => {
      await fc.assert(
        fc.asyncProperty(chapters, async (lived) => {
          made += 1;
          const key = `churn-${made}`;
          const audienceId = `${AUDIENCE_ID}-${made}`;
          await kit.audience(key, { audienceId });
          const churn = new Churn(kit, key);
          for (const { happenings, faults, erases } of lived) {
            const half = Math.ceil(happenings.length / 2);
            for (const one of happenings.slice(0, half)) await churn.happen(one);
            faultsInTheWay(kit, faults, () => kit.kill());
            kit.platform.pages.length = 0;
            const { runId } = await kit.ask(key);
            await kit.attempt(runId).catch(() => undefined);
            // While a page may be out, its people go on living.
            for (const one of happenings.slice(half)) await churn.happen(one);
            await finish(runId);
            expect(wronglyRepeated(kit, faults)).toEqual([]);
            if (erases !== null) await churn.erase(erases);
          }
          faultsInTheWay(kit, [], () => Promise.resolve());
          await kit.sync(key);
          expect(kit.platform.members(audienceId)).toEqual(await kit.expected());
          expect(await leftOver(key)).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    },
    LIMIT_MS,
  );

  /** An attempt whose pool is gone fails with what the pool says, which is Temporal's to try again. */
  async function finish(runId: string): Promise<void> {
    for (let tries = 0; tries < 20; tries += 1) {
      try {
        await kit.goOn(runId);
        return;
      } catch (error) {
        if (tries === 19) throw error;
      }
    }
  }

  /** Rows that are still due, declared, or of somebody erased. */
  function leftOver(key: string) {
    return kit.lane.rows(
      `select customer_id, op, page, erased from audience_member
        where audience_key = $1 and (op is not null or page is not null or erased)`,
      [key],
    );
  }
});
