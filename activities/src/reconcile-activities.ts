import { Context } from '@temporalio/activity';
import { derivedId } from '@throughline/store/shared';
import type { ReconcileActivities, ReconcileReport } from '@throughline/workflows/contract';
import { translated } from './activity-errors.js';
import type { ActivityDependencies } from './dependencies.js';
import { pulse } from './pulse.js';
import { closeReconcile, matchCustomers, openReconcile, settleProposals } from './reconcile.js';

export function createReconcileActivities({
  pool,
  log,
}: Pick<ActivityDependencies, 'pool' | 'log'>): ReconcileActivities {
  const deps = { pool };
  return {
    openReconcile: (request) =>
      translated(log, 'openReconcile', () => openReconcile(deps, request, scheduledRunId())),
    matchCustomers: (ref) =>
      translated(log, 'matchCustomers', () => matchCustomers(deps, ref, pulse<ReconcileReport>())),
    settleProposals: (ref) => translated(log, 'settleProposals', () => settleProposals(deps, ref)),
    closeReconcile: (ref) =>
      translated(log, 'closeReconcile', () => closeReconcile(deps, ref, 'done')),
    endReconcile: (ref) =>
      translated(log, 'endReconcile', async () => {
        await closeReconcile(deps, ref, 'cancelled');
      }),
  };
}

/** Of the run that asks, so that an attempt that is repeated names the same. */
function scheduledRunId(): string {
  const { scheduledTimestampMs, workflowExecution } = Context.current().info;
  const { workflowId, runId } = workflowExecution ?? { workflowId: '', runId: '' };
  return derivedId(scheduledTimestampMs, 'reconcile', workflowId, runId);
}
