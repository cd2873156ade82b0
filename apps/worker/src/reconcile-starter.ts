/**
 * Begins a run of reconcileIdentity for every one that was asked for, and again for one whose run was lost; keeps Temporal's
 * schedules as the workspaces want them. The rows are what asks; fixed ids make a start too many harmless.
 */
import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import {
  applySchedules,
  listOpenRuns,
  type ChangedSchedule,
  type OpenRun,
} from '@throughline/store/identity';
import type { RelayPool } from '@throughline/store/journeys';
import {
  reconcileScheduleId,
  reconcileWorkflowId,
  type ReconcileRequest,
} from '@throughline/workflows/contract';
import type { Log } from './log.js';
import { Loop } from './loop.js';

export interface ReconcileStarterOptions {
  readonly pool: RelayPool;
  readonly client: Client;
  readonly taskQueue: string;
  readonly publicUrl: string;
  readonly log: Log;
}

const EVERY_MS = 1_000;
const MOST = 100;
/** A run that is asked for again and again would be a call a second for nothing. */
const ASK_AGAIN_MS = 30_000;

export class ReconcileStarter {
  private readonly loop: Loop;
  private readonly asked = new Map<string, number>();

  constructor(private readonly options: ReconcileStarterOptions) {
    this.loop = new Loop(() => this.pass(), {
      everyMs: EVERY_MS,
      afterFailureMs: EVERY_MS * 5,
      onFailure: (error) => {
        options.log.failure(error, {}, 'runs of reconcileIdentity could not be started');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** One look; tests call it themselves. */
  async pass(): Promise<'idle'> {
    const now = Date.now();
    for (const [id, at] of this.asked) if (at + ASK_AGAIN_MS < now) this.asked.delete(id);
    for (const open of await listOpenRuns(this.options.pool, MOST)) {
      if (this.asked.has(open.runId)) continue;
      await this.start(open);
      this.asked.set(open.runId, now);
    }
    await applySchedules(this.options.pool, (schedule) => this.applySchedule(schedule));
    return 'idle';
  }

  private async start({ workspaceId, runId, dryRun }: OpenRun): Promise<void> {
    const { client, taskQueue, publicUrl } = this.options;
    try {
      await client.workflow.start('reconcileIdentity', {
        workflowId: reconcileWorkflowId(workspaceId, runId),
        taskQueue,
        args: [{ workspaceId, runId } satisfies ReconcileRequest],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        typedSearchAttributes: [
          { key: { name: 'BatchId', type: 'KEYWORD' }, value: runId },
          { key: { name: 'TenantId', type: 'KEYWORD' }, value: workspaceId },
        ],
        staticSummary: dryRun ? 'reconcile identity · dry run' : 'reconcile identity',
        staticDetails: `[run](${publicUrl}/api/v1/identity/reconcile/${runId})`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
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
