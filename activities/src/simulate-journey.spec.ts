/** A simulation as a run: pages of people on the queue for long work, over a past that was really lived. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import { createSimulation, planSimulation, readSimulation } from '@throughline/store/journeys';
import { inWorkspace, newId } from '@throughline/store/shared';
import { simulationWorkflowId } from '@throughline/workflows/contract';
import { identify, track } from '../../store/src/ingestion/testing/lane-kit.js';
import { CART } from '../../store/src/journeys/testing/definitions.js';
import { PastKit } from '../../store/src/journeys/testing/past-kit.js';
import { createBatchActivities, type BatchActivities } from './batch-activities.js';
import { OutsideKit } from './testing/outside-kit.js';
import { RunKit } from './testing/run-kit.js';

const PEOPLE = 230;
const HOUR = 3_600_000;

describe('simulateJourney', () => {
  let past: PastKit;
  let outside: OutsideKit;
  let runs: RunKit;
  let activities: BatchActivities;

  beforeAll(async () => {
    [past, outside, runs] = await Promise.all([PastKit.open(), OutsideKit.open(), RunKit.open()]);
    const began = Math.floor(Date.now() / 1_000) * 1_000 - 8 * HOUR;
    const people = Array.from({ length: PEOPLE }, (_, index) => ({ userId: `u${index}` }));
    const consent = { properties: { purpose: 'marketing', state: 'granted' } };
    await past.happen(
      began,
      people.flatMap((id, index) => [
        identify(id, { email: `u${index}@example.com` }),
        ...(index % 2 === 0 ? [track('Consent Changed', id, consent)] : []),
        track('Cart Updated', id, { properties: { cart_id: 'c1' } }),
      ]),
    );
    await past.pass(began + 3 * HOUR);
    activities = createBatchActivities(outside.dependencies(past.engine));
  }, 60_000);

  afterAll(async () => {
    await runs.close();
    await outside.close();
    await past.close();
  });

  async function ask(): Promise<string> {
    const definition = JourneyDefinitionSchema.parse(CART);
    return inWorkspace(past.app, past.workspaceId, async (client) => {
      const wanted = { definition, days: 1, maxCustomers: 10_000 };
      const plan = await planSimulation(client, past.workspaceId, wanted);
      const asked = { journeyKey: 'cart', version: null, days: 1, plan, createdBy: 'test' };
      return (await createSimulation(client, past.workspaceId, asked)).simulationId;
    });
  }

  const read = (id: string) =>
    inWorkspace(past.app, past.workspaceId, (client) =>
      readSimulation(client, past.workspaceId, id),
    );

  const execute = (simulationId: string): Promise<unknown> =>
    runs.client.workflow.execute('simulateJourney', {
      workflowId: `${newId()}-${simulationWorkflowId(simulationId)}`,
      taskQueue: runs.batchQueue,
      args: [{ workspaceId: past.workspaceId, simulationId }],
    });

  it('works through all people and leaves what would have come of them', async () => {
    await runs.startBatchWorker(activities);
    const id = await ask();
    expect(await execute(id)).toEqual({
      state: 'over',
      people: PEOPLE,
      sample: PEOPLE,
      entered: PEOPLE,
    });
    const row = await read(id);
    expect(row).toMatchObject({ state: 'done', result: { people: PEOPLE, entered: PEOPLE } });
    expect(row?.result.steps['mail']).toMatchObject({
      visits: PEOPLE,
      sent: PEOPLE / 2,
      stopped: { no_consent: PEOPLE / 2 },
    });
    const effects = await past.kit.rows('select 1 from delivery union all select 1 from enrolment');
    expect(effects).toEqual([]);
    await runs.stopWorkers();
  }, 60_000);

  it('counts nobody twice when its run is begun again, or for a simulation that is gone', async () => {
    await runs.startBatchWorker(activities);
    const id = await ask();
    await Promise.all([execute(id), execute(id)]);
    expect((await read(id))?.result).toMatchObject({ people: PEOPLE, entered: PEOPLE });
    expect(await execute(newId())).toMatchObject({ state: 'over', people: 0 });
    await runs.stopWorkers();
  }, 60_000);

  it('says that it failed when its pages fail for good, and keeps what was counted', async () => {
    await runs.startBatchWorker({
      ...activities,
      simulatePages: () => Promise.reject(ApplicationFailure.nonRetryable('broken', 'Defect')),
    });
    const id = await ask();
    await expect(execute(id)).rejects.toBeInstanceOf(WorkflowFailedError);
    expect(await read(id)).toMatchObject({ state: 'failed', result: { people: 0 } });
    await runs.stopWorkers();
  }, 60_000);
});
