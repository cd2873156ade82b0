/**
 * One run of an audience: a segment, or what has changed of it, on its way to a destination, page by page. Whom to look at, what is
 * declared and what is settled are rows; the run only says "go on" until nothing is left.
 */
import {
  ActivityFailure,
  CancellationScope,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { AudienceActivities, AudienceReport, AudienceRequest } from './contract.js';

/** A destination that is away is tried for a day; what is due stays due, and the next run begins with it. */
const { syncAudiencePages } = proxyActivities<AudienceActivities>({
  startToCloseTimeout: '15 min',
  scheduleToCloseTimeout: '1 day',
  heartbeatTimeout: '60 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '5 min' },
});

const { giveUpAudience } = proxyActivities<AudienceActivities>({
  startToCloseTimeout: '30 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
});

const LONG_HISTORY = 2_000;

export async function syncAudience(request: AudienceRequest): Promise<void> {
  try {
    await sync(request);
  } catch (error) {
    if (error instanceof ActivityFailure)
      await CancellationScope.nonCancellable(() =>
        giveUpAudience.executeWithOptions({ activityId: 'give-up', summary: 'give up' }, [request]),
      );
    throw error;
  }
}

async function sync(request: AudienceRequest): Promise<void> {
  let pages = 0;
  for (let part = 1; ; part += 1) {
    const options = { activityId: `sync#${part}`, summary: `segment → destination · ${part}` };
    const report: AudienceReport = await syncAudiencePages.executeWithOptions(options, [request]);
    pages += report.pages;
    setCurrentDetails(`**audience**: ${pages} pages told`);
    if (report.state === 'over') return;
    if (workflowInfo().historyLength > LONG_HISTORY)
      await continueAsNew<typeof syncAudience>(request);
  }
}
