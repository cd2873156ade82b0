/** The daily clearing: partitions ahead and behind, and old rows of each workspace. */
import {
  dropPartition,
  keepPartitionsAhead,
  listExpiredPartitions,
  listSweptWorkspaces,
  sweepRows,
  type PrivacyPool,
  type RetentionPolicy,
} from '@throughline/store/consent';
import type {
  RetentionActivities,
  RetentionReport,
  RetentionRequest,
} from '@throughline/workflows/contract';
import { translated } from './activity-errors.js';
import type { ActivityLog } from './dependencies.js';
import { pulse, type Pulse } from './pulse.js';

export interface RetentionDependencies {
  readonly pool: PrivacyPool;
  readonly policy: RetentionPolicy;
  readonly log: ActivityLog;
}

export function createRetentionActivities(deps: RetentionDependencies): RetentionActivities {
  const { pool, log } = deps;
  return {
    makePartitions: () => translated(log, 'makePartitions', () => keepPartitionsAhead(pool)),
    dropOldPartitions: (request) =>
      translated(log, 'dropOldPartitions', () => dropOldPartitions(deps, request)),
    sweepOldRows: (request) => translated(log, 'sweepOldRows', () => sweepOldRows(deps, request)),
  };
}

/** Each in a transaction of its own; one that is in use is tried again with the activity. */
async function dropOldPartitions(
  { pool, policy }: RetentionDependencies,
  { dryRun }: RetentionRequest,
): Promise<RetentionReport> {
  const { beat }: Pulse<null> = pulse();
  const counts: Record<string, number> = {};
  for (const partition of await listExpiredPartitions(pool, policy)) {
    beat(null);
    if (!dryRun && !(await dropPartition(pool, partition))) continue;
    const name = `${partition.parent} partitions`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

async function sweepOldRows(
  { pool, policy }: RetentionDependencies,
  { dryRun }: RetentionRequest,
): Promise<RetentionReport> {
  const { beat }: Pulse<null> = pulse();
  const counts: Record<string, number> = {};
  for (const workspaceId of await listSweptWorkspaces(pool)) {
    const removed = await sweepRows(pool, {
      workspaceId,
      policy,
      dryRun,
      beat: () => {
        beat(null);
      },
    });
    for (const [table, count] of Object.entries(removed))
      counts[table] = (counts[table] ?? 0) + count;
  }
  return counts;
}
