/**
 * One run per look at a workspace's customers: compare them all, then settle what was found, page by page. What was found and how
 * far it is settled are rows; a run that is repeated or begun anew goes on from them.
 */
import {
  CancellationScope,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ReconcileActivities,
  ReconcileRef,
  ReconcileReport,
  ReconcileRequest,
} from './contract.js';

/** A database that is away is an outage: attempts have no limit. A worker that died is missed after half a minute of silence. */
const { openReconcile, matchCustomers, settleProposals, closeReconcile, endReconcile } =
  proxyActivities<ReconcileActivities>({
    startToCloseTimeout: '2 h',
    heartbeatTimeout: '30 s',
    retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
  });

const LONG_HISTORY = 2_000;

export async function reconcileIdentity(request: ReconcileRequest): Promise<ReconcileReport> {
  const ref = await openReconcile.executeWithOptions(
    { activityId: 'open', summary: 'begin or go on' },
    [request],
  );
  try {
    const matched = await matchCustomers.executeWithOptions(
      { activityId: 'match', summary: 'compare customers' },
      [ref],
    );
    setCurrentDetails(detailsOf(matched));
    await settleAll(ref);
    const closed = await closeReconcile.executeWithOptions(
      { activityId: 'close', summary: 'count' },
      [ref],
    );
    setCurrentDetails(detailsOf(closed));
    return closed;
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => endReconcile(ref));
    throw error;
  }
}

async function settleAll(ref: ReconcileRef): Promise<void> {
  for (let page = 1; ; page += 1) {
    const report = await settleProposals.executeWithOptions(
      { activityId: `settle#${page}`, summary: `proposals → suggestions · ${page}` },
      [ref],
    );
    setCurrentDetails(detailsOf(report));
    if (report.state === 'over') return;
    if (workflowInfo().historyLength > LONG_HISTORY)
      await continueAsNew<typeof reconcileIdentity>(ref);
  }
}

function detailsOf(report: ReconcileReport): string {
  const { customers, candidates, proposed, suggested, merged, skipped } = report;
  return `${customers} customers, ${candidates} pairs compared, **${proposed} groups**: ${suggested} suggested, ${merged} merged, ${skipped} skipped`;
}
