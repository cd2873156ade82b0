/**
 * Begins a run for every row that asks for one, and again for one whose run was terminated or lost: the run goes on from where the
 * row says that it stands. The fixed workflow id makes a start too many harmless.
 */
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { Log } from './log.js';
import { Loop } from './loop.js';

export interface RunStarterOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly publicUrl: string;
  readonly log: Log;
  readonly everyMs?: number;
}

/** A run as it is to be begun. */
export interface WantedRun {
  readonly workflowType: string;
  readonly workflowId: string;
  /** the row's own id: search attribute BatchId, and what is not asked for again at once */
  readonly batchId: string;
  readonly workspaceId: string;
  readonly journeyKey?: string;
  readonly request: object;
  readonly summary: string;
  readonly details: string;
}

const EVERY_MS = 1_000;
/** A run that is asked for again and again would be a call a second for nothing. */
const ASK_AGAIN_MS = 30_000;

/** How many rows are looked at in a pass. */
export const MOST_ROWS = 100;

export abstract class RunStarter {
  private readonly loop: Loop;
  private readonly asked = new Map<string, number>();

  protected constructor(
    private readonly running: RunStarterOptions,
    complaint: string,
  ) {
    const everyMs = running.everyMs ?? EVERY_MS;
    this.loop = new Loop(() => this.pass(), {
      everyMs,
      afterFailureMs: everyMs * 5,
      onFailure: (error) => {
        running.log.failure(error, {}, complaint);
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
    for (const run of await this.wanted()) {
      if (this.asked.has(run.batchId)) continue;
      await this.start(run);
      this.asked.set(run.batchId, now);
    }
    return 'idle';
  }

  /** The rows that ask for a run, MOST_ROWS at most. */
  protected abstract wanted(): Promise<readonly WantedRun[]>;

  private async start(run: WantedRun): Promise<void> {
    const { client, taskQueue } = this.running;
    const { workflowType, workflowId, batchId, workspaceId, journeyKey } = run;
    try {
      await client.workflow.start(workflowType, {
        workflowId,
        taskQueue,
        args: [run.request],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        typedSearchAttributes: [
          ...(journeyKey === undefined ? [] : [keyword('JourneyKey', journeyKey)]),
          keyword('BatchId', batchId),
          keyword('TenantId', workspaceId),
        ],
        staticSummary: run.summary,
        staticDetails: run.details,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}

function keyword(name: string, value: string) {
  return { key: { name, type: 'KEYWORD' as const }, value };
}
