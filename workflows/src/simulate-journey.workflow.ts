/**
 * One run per simulation: works through a sample of people, page by page. Cursor and counts are a row; the run only says "go on"
 * until there is nothing left.
 */
import {
  ActivityFailure,
  CancellationScope,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { SimulationActivities, SimulationReport, SimulationRequest } from './contract.js';

/** Somebody waits for the answer: an outage of some minutes is sat out, a defect is said soon. */
const { simulatePages, giveUpSimulation } = proxyActivities<SimulationActivities>({
  startToCloseTimeout: '10 min',
  heartbeatTimeout: '30 s',
  retry: {
    initialInterval: '1 s',
    backoffCoefficient: 2,
    maximumInterval: '1 min',
    maximumAttempts: 10,
  },
});

const LONG_HISTORY = 2_000;

export async function simulateJourney(request: SimulationRequest): Promise<SimulationReport> {
  try {
    return await simulate(request);
  } catch (error) {
    if (error instanceof ActivityFailure)
      await CancellationScope.nonCancellable(() =>
        giveUpSimulation.executeWithOptions({ activityId: 'give-up', summary: 'give up' }, [
          request,
        ]),
      );
    throw error;
  }
}

async function simulate(request: SimulationRequest): Promise<SimulationReport> {
  for (let page = 1; ; page += 1) {
    const options = { activityId: `simulate#${page}`, summary: `people → forecast · ${page}` };
    const report = await simulatePages.executeWithOptions(options, [request]);
    const { people, sample, entered } = report;
    setCurrentDetails(`**simulate**: ${people} of ${sample} people, ${entered} would have entered`);
    if (report.state === 'over') return report;
    if (workflowInfo().historyLength > LONG_HISTORY)
      await continueAsNew<typeof simulateJourney>(request);
  }
}
