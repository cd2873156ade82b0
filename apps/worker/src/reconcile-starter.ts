/**
 * Begins a run of reconcileIdentity for every one that was asked for, and again for one whose run was lost; keeps Temporal's
 * schedules as the workspaces want them. The rows are what asks; fixed ids make a start too many harmless.
 */
import { applySchedules, listOpenRuns } from '@throughline/store/identity';
import type { RelayPool } from '@throughline/store/journeys';
import {
  reconcileScheduleId,
  reconcileWorkflowId,
  type ReconcileRequest,
} from '@throughline/workflows/contract';
import { everyHours, keepSchedule, type WantedSchedule } from './keep-schedule.js';
import { MOST_ROWS, RunStarter, type RunStarterOptions, type WantedRun } from './run-starter.js';

export interface ReconcileStarterOptions extends RunStarterOptions {
  readonly pool: RelayPool;
}

const CATCH_UP_MS = 10 * 60_000;

export class ReconcileStarter extends RunStarter {
  constructor(private readonly options: ReconcileStarterOptions) {
    super(options, 'runs of reconcileIdentity could not be started');
  }

  override async pass(): Promise<'idle'> {
    await super.pass();
    await applySchedules(this.options.pool, ({ workspaceId, everyHours: hours }) =>
      keepSchedule(
        this.options.client,
        reconcileScheduleId(workspaceId),
        hours === null ? null : this.scheduleOf(workspaceId, hours),
      ),
    );
    return 'idle';
  }

  protected async wanted(): Promise<readonly WantedRun[]> {
    const { pool, publicUrl } = this.options;
    const open = await listOpenRuns(pool, MOST_ROWS);
    return open.map(({ workspaceId, runId, dryRun }) => ({
      workflowType: 'reconcileIdentity',
      workflowId: reconcileWorkflowId(workspaceId, runId),
      batchId: runId,
      workspaceId,
      request: { workspaceId, runId } satisfies ReconcileRequest,
      summary: dryRun ? 'reconcile identity · dry run' : 'reconcile identity',
      details: `[run](${publicUrl}/api/v1/identity/reconcile/${runId})`,
    }));
  }

  private scheduleOf(workspaceId: string, hours: number): WantedSchedule {
    return {
      workflowType: 'reconcileIdentity',
      workflowId: reconcileWorkflowId(workspaceId, 'scheduled'),
      workspaceId,
      request: { workspaceId, runId: null } satisfies ReconcileRequest,
      summary: 'reconcile identity · scheduled',
      taskQueue: this.options.taskQueue,
      spec: everyHours(hours),
      catchUpMs: CATCH_UP_MS,
    };
  }
}
