/**
 * One run per import: maps the rows of a file into the log, page by page, then waits until the lane has decided about the last of
 * them. Cursor and counts are rows; the run only says "go on" until there is nothing left.
 */
import {
  type ActivityFunctionWithOptions,
  CancellationScope,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { ImportActivities, ImportReport, ImportRequest } from './contract.js';

/**
 * A database that is away is an outage, and a file that somebody waits for is not given up: attempts have no limit. A worker that
 * died is missed after half a minute of silence.
 */
const { stageImportPages, settleImportPages, endImport } = proxyActivities<ImportActivities>({
  startToCloseTimeout: '10 min',
  heartbeatTimeout: '30 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
});

const LONG_HISTORY = 2_000;

export async function ingestBatch(request: ImportRequest): Promise<ImportReport> {
  try {
    const staged = await repeat(request, MAP);
    const settled = await repeat(request, SETTLE);
    return { ...staged, ...settled };
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => endImport(request));
    throw error;
  }
}

interface Phase {
  readonly name: string;
  readonly what: string;
  readonly activity: ActivityFunctionWithOptions<ImportActivities['stageImportPages']>;
}

const MAP: Phase = { name: 'map', what: 'rows → log', activity: stageImportPages };
const SETTLE: Phase = { name: 'settle', what: 'log → profiles', activity: settleImportPages };

/** Asks until nothing is left; a history that became long goes on in a new one, which finds the cursor where it is. */
async function repeat(
  request: ImportRequest,
  { name, what, activity }: Phase,
): Promise<ImportReport> {
  for (let page = 1; ; page += 1) {
    const options = { activityId: `${name}#${page}`, summary: `${what} · ${page}` };
    const report = await activity.executeWithOptions(options, [request]);
    setCurrentDetails(detailsOf(what, report));
    if (report.state === 'over') return report;
    if (workflowInfo().historyLength > LONG_HISTORY)
      await continueAsNew<typeof ingestBatch>(request);
  }
}

function detailsOf(what: string, report: ImportReport): string {
  const { rowsRead, rowsTotal, events, rejected, settled } = report;
  return `**${what}**: ${rowsRead} of ${rowsTotal} rows read, ${events} events, ${rejected} rejected, ${settled} decided`;
}
