/**
 * One run counts a workspace's orders anew and then makes the new model the one that answers. Until the last step the old one
 * does; a run that is repeated counts again over its own rows.
 */
import {
  CancellationScope,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
} from '@temporalio/workflow';
import type {
  RecommendationsActivities,
  RecommendationsReport,
  RecommendationsRequest,
} from './contract.js';

/** A database that is away is an outage: attempts have no limit. A worker that died is missed after half a minute of silence. */
const { openRefresh, countBaskets, publishModel, endRefresh } =
  proxyActivities<RecommendationsActivities>({
    startToCloseTimeout: '1 h',
    heartbeatTimeout: '30 s',
    retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
  });

export async function refreshRecommendations(
  request: RecommendationsRequest,
): Promise<RecommendationsReport> {
  const ref = await openRefresh.executeWithOptions(
    { activityId: 'open', summary: 'begin or go on' },
    [request],
  );
  // The schedule asked, and the workspace no longer wants it.
  if (ref === null) return { state: 'over', baskets: 0, items: 0, pairs: 0 };
  try {
    const counted = await countBaskets.executeWithOptions(
      { activityId: 'count', summary: 'orders → pairs of items' },
      [ref],
    );
    setCurrentDetails(detailsOf(counted));
    if (counted.state === 'over') return counted;
    await publishModel.executeWithOptions(
      { activityId: 'publish', summary: 'the new model answers' },
      [ref],
    );
    return { ...counted, state: 'over' };
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => endRefresh(ref));
    throw error;
  }
}

function detailsOf({ baskets, items, pairs }: RecommendationsReport): string {
  return `${baskets} baskets, ${items} items, **${pairs} pairs** kept`;
}
