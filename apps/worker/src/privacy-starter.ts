/**
 * Begins a run for every erasure that is not done, and again for one whose run was lost: the row is what asks for a run. And sees to
 * it that the daily clearing is scheduled.
 */
import { ScheduleAlreadyRunning } from '@temporalio/client';
import { listOpenErasures, type PrivacyPool } from '@throughline/store/consent';
import { erasureWorkflowId, RETENTION_SCHEDULE } from '@throughline/workflows/contract';
import { MOST_ROWS, RunStarter, type RunStarterOptions, type WantedRun } from './run-starter.js';

export interface PrivacyStarterOptions extends RunStarterOptions {
  readonly pool: PrivacyPool;
  /** two installations in one namespace have a schedule each */
  readonly queuePrefix: string;
}

/** UTC; an hour in which little is sent anywhere. */
const CLEARING_HOUR = 3;

export class PrivacyStarter extends RunStarter {
  private scheduled = false;

  constructor(private readonly options: PrivacyStarterOptions) {
    super(options, 'erasures could not be started');
  }

  override async pass(): Promise<'idle'> {
    if (!this.scheduled) await this.schedule();
    return super.pass();
  }

  protected async wanted(): Promise<readonly WantedRun[]> {
    const { pool, publicUrl } = this.options;
    const open = await listOpenErasures(pool, MOST_ROWS);
    return open.map(({ workspaceId, eraseId }) => ({
      workflowType: 'eraseCustomer',
      workflowId: erasureWorkflowId(eraseId),
      batchId: eraseId,
      workspaceId,
      request: { workspaceId, eraseId },
      summary: 'erasure of a person',
      details: `[erasure](${publicUrl}/api/v1/erasures/${eraseId})`,
    }));
  }

  /** Made once; whoever changes it in Temporal keeps the change. */
  private async schedule(): Promise<void> {
    const { client, taskQueue, queuePrefix } = this.options;
    try {
      await client.schedule.create({
        scheduleId: `${queuePrefix}${RETENTION_SCHEDULE}`,
        spec: { calendars: [{ hour: CLEARING_HOUR, comment: 'every night' }] },
        policies: { overlap: 'SKIP', catchupWindow: '1 day' },
        action: {
          type: 'startWorkflow',
          workflowType: 'applyRetention',
          workflowId: `${queuePrefix}${RETENTION_SCHEDULE}`,
          taskQueue,
          args: [{ dryRun: false }],
          staticSummary: 'old rows and partitions',
        },
      });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
    this.scheduled = true;
  }
}
