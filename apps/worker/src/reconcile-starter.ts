/**
 * Begins a run of reconcileIdentity for every one that was asked for, and again for one whose run was lost; keeps Temporal's
 * schedules as the workspaces want them. The rows are what asks; fixed ids make a start too many harmless.
 */
import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleOptions,
} from '@temporalio/client';
import { applySchedules, listOpenRuns, type ChangedSchedule } from '@throughline/store/identity';
import type { RelayPool } from '@throughline/store/journeys';
import {
  reconcileScheduleId,
  reconcileWorkflowId,
  type ReconcileRequest,
} from '@throughline/workflows/contract';
import { MOST_ROWS, RunStarter, type RunStarterOptions, type WantedRun } from './run-starter.js';

export interface ReconcileStarterOptions extends RunStarterOptions {
  readonly pool: RelayPool;
}

export class ReconcileStarter extends RunStarter {
  constructor(private readonly options: ReconcileStarterOptions) {
    super(options, 'runs of reconcileIdentity could not be started');
  }

  override async pass(): Promise<'idle'> {
    await super.pass();
    await applySchedules(this.options.pool, (schedule) => this.applySchedule(schedule));
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

  private async applySchedule({ workspaceId, everyHours }: ChangedSchedule): Promise<void> {
    const handle = this.options.client.schedule.getHandle(reconcileScheduleId(workspaceId));
    try {
      if (everyHours === null) await handle.delete();
      else {
        const wanted = this.scheduleOf(workspaceId, everyHours);
        await handle.update(({ state }) => ({ ...wanted, state }));
      }
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      if (everyHours !== null)
        await this.options.client.schedule.create({
          scheduleId: reconcileScheduleId(workspaceId),
          ...this.scheduleOf(workspaceId, everyHours),
        });
    }
  }

  private scheduleOf(workspaceId: string, everyHours: number): Omit<ScheduleOptions, 'scheduleId'> {
    const request: ReconcileRequest = { workspaceId, runId: null };
    return {
      spec: { intervals: [{ every: everyHours * 3_600_000 }], jitter: '5 min' },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10 min' },
      action: {
        type: 'startWorkflow',
        workflowType: 'reconcileIdentity',
        workflowId: reconcileWorkflowId(workspaceId, 'scheduled'),
        taskQueue: this.options.taskQueue,
        args: [request],
        typedSearchAttributes: [{ key: { name: 'TenantId', type: 'KEYWORD' }, value: workspaceId }],
        staticSummary: 'reconcile identity · scheduled',
      },
    };
  }
}
