/** One run of a pull, begun by its schedule: reads what is new into an import, which a run of ingestBatch then works off. */
import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import { FAILURES, type PullActivities, type PullReport, type PullRequest } from './contract.js';

/** A source that is away is tried until the next run would be due anyway; the schedule skips runs while one is open. */
const { pullPages } = proxyActivities<PullActivities>({
  startToCloseTimeout: '10 min',
  scheduleToCloseTimeout: '6 h',
  heartbeatTimeout: '60 s',
  retry: {
    initialInterval: '1 s',
    backoffCoefficient: 2,
    maximumInterval: '5 min',
    nonRetryableErrorTypes: [FAILURES.pullRefused],
  },
});

/** A first pull of a big table goes on in the schedule's next run. */
const MOST_PAGES = 500;

export async function pullSource(request: PullRequest): Promise<PullReport> {
  let report: PullReport = { state: 'more', rows: 0, importId: null };
  for (let page = 1; report.state === 'more' && page <= MOST_PAGES; page += 1) {
    report = await pullPages.executeWithOptions(
      { activityId: `pull#${page}`, summary: `source → import · ${page}` },
      [request],
    );
    setCurrentDetails(`**${request.pullKey}**: ${report.rows} rows read`);
  }
  return report;
}
