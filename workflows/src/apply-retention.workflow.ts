/** Once a day: partitions ahead, partitions behind, and old rows of each workspace. Nothing depends on when it last ran. */
import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { RetentionActivities, RetentionReport, RetentionRequest } from './contract.js';

const { makePartitions, dropOldPartitions, sweepOldRows } = proxyActivities<RetentionActivities>({
  startToCloseTimeout: '2 h',
  heartbeatTimeout: '1 min',
  scheduleToCloseTimeout: '12 h',
  retry: { initialInterval: '10 s', backoffCoefficient: 2, maximumInterval: '5 min' },
});

export async function applyRetention(request: RetentionRequest): Promise<RetentionReport> {
  await makePartitions.executeWithOptions({ summary: 'partitions ahead' }, []);
  const dropped = await dropOldPartitions.executeWithOptions({ summary: 'partitions behind' }, [
    request,
  ]);
  const swept = await sweepOldRows.executeWithOptions({ summary: 'old rows' }, [request]);
  const report = { ...dropped, ...swept };
  setCurrentDetails(
    Object.entries(report)
      .map(([table, count]) => `- ${table}: ${count}`)
      .join('\n'),
  );
  return report;
}
