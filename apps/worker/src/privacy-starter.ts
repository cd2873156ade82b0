/**
 * Begins a run for every erasure that is not done, and again for one whose run was lost: the row is what asks for a run. And sees to
 * it that the daily clearing is scheduled.
 */
import {
  ScheduleAlreadyRunning,
  WorkflowExecutionAlreadyStartedError,
  type Client,
} from '@temporalio/client';
import { listOpenErasures, type EraseRef, type PrivacyPool } from '@throughline/store/consent';
import { erasureWorkflowId, RETENTION_SCHEDULE } from '@throughline/workflows/contract';
import type { Log } from './log.js';
import { Loop } from './loop.js';

export interface PrivacyStarterOptions {
  readonly pool: PrivacyPool;
  readonly client: Client;
  readonly taskQueue: string;
  /** two installations in one namespace have a schedule each */
  readonly queuePrefix: string;
  readonly publicUrl: string;
  readonly log: Log;
}

const EVERY_MS = 1_000;
const MOST = 100;
/** A run that is asked for again and again would be a call a second for nothing. */
const ASK_AGAIN_MS = 30_000;
/** UTC; an hour in which little is sent anywhere. */
const CLEARING_HOUR = 3;

export class PrivacyStarter {
  private readonly loop: Loop;
  private readonly asked = new Map<string, number>();
  private scheduled = false;

  constructor(private readonly options: PrivacyStarterOptions) {
    this.loop = new Loop(() => this.pass(), {
      everyMs: EVERY_MS,
      afterFailureMs: EVERY_MS * 5,
      onFailure: (error) => {
        options.log.failure(error, {}, 'erasures could not be started');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async pass(): Promise<'idle'> {
    if (!this.scheduled) await this.schedule();
    const now = Date.now();
    for (const [id, at] of this.asked) if (at + ASK_AGAIN_MS < now) this.asked.delete(id);
    for (const open of await listOpenErasures(this.options.pool, MOST)) {
      if (this.asked.has(open.eraseId)) continue;
      await this.start(open);
      this.asked.set(open.eraseId, now);
    }
    return 'idle';
  }

  private async start({ workspaceId, eraseId }: EraseRef): Promise<void> {
    const { client, taskQueue, publicUrl } = this.options;
    try {
      await client.workflow.start('eraseCustomer', {
        workflowId: erasureWorkflowId(eraseId),
        taskQueue,
        args: [{ workspaceId, eraseId }],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        typedSearchAttributes: [
          { key: { name: 'BatchId', type: 'KEYWORD' }, value: eraseId },
          { key: { name: 'TenantId', type: 'KEYWORD' }, value: workspaceId },
        ],
        staticSummary: 'erasure of a person',
        staticDetails: `[erasure](${publicUrl}/api/v1/erasures/${eraseId})`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
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
