/**
 * Begins a run for every import that is staged, and again for one whose run was terminated or lost: the row is what asks for a
 * run, and the run goes on from the row's cursor. The fixed workflow id makes a start too many harmless.
 */
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { listOpenImports, type OpenImport } from '@throughline/store/ingestion';
import type { RelayPool } from '@throughline/store/journeys';
import { importWorkflowId } from '@throughline/workflows/contract';
import type { Log } from './log.js';
import { Loop } from './loop.js';

export interface ImportStarterOptions {
  readonly pool: RelayPool;
  readonly client: Client;
  readonly taskQueue: string;
  readonly publicUrl: string;
  readonly log: Log;
  readonly everyMs?: number;
}

const EVERY_MS = 1_000;
const MOST = 100;
/** A run that is asked for again and again would be a call a second for nothing. */
const ASK_AGAIN_MS = 30_000;

export class ImportStarter {
  private readonly loop: Loop;
  private readonly asked = new Map<string, number>();

  constructor(private readonly options: ImportStarterOptions) {
    const everyMs = options.everyMs ?? EVERY_MS;
    this.loop = new Loop(() => this.pass(), {
      everyMs,
      afterFailureMs: everyMs * 5,
      onFailure: (error) => {
        options.log.failure(error, {}, 'imports could not be started');
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
    for (const [importId, at] of this.asked)
      if (at + ASK_AGAIN_MS < now) this.asked.delete(importId);
    for (const open of await listOpenImports(this.options.pool, MOST)) {
      if (this.asked.has(open.importId)) continue;
      await this.start(open);
      this.asked.set(open.importId, now);
    }
    return 'idle';
  }

  private async start(open: OpenImport): Promise<void> {
    const { workspaceId, importId, mappingKey, rowsTotal } = open;
    const { client, taskQueue, publicUrl } = this.options;
    try {
      await client.workflow.start('ingestBatch', {
        workflowId: importWorkflowId(importId),
        taskQueue,
        args: [{ workspaceId, importId }],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        typedSearchAttributes: [
          { key: { name: 'BatchId', type: 'KEYWORD' }, value: importId },
          { key: { name: 'TenantId', type: 'KEYWORD' }, value: workspaceId },
        ],
        staticSummary: `import by ${mappingKey} · ${rowsTotal} rows`,
        staticDetails: `[import](${publicUrl}/api/v1/imports/${importId})`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}
