/**
 * Begins a run for every simulation that was asked for, and again for one whose run was lost: the row is what asks for a run, and
 * the run goes on from the row's cursor. The fixed workflow id makes a start too many harmless.
 */
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import {
  listOpenSimulations,
  type OpenSimulation,
  type RelayPool,
} from '@throughline/store/journeys';
import { simulationWorkflowId } from '@throughline/workflows/contract';
import type { Log } from './log.js';
import { Loop } from './loop.js';

export interface SimulationStarterOptions {
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

export class SimulationStarter {
  private readonly loop: Loop;
  private readonly asked = new Map<string, number>();

  constructor(private readonly options: SimulationStarterOptions) {
    this.loop = new Loop(() => this.pass(), {
      everyMs: EVERY_MS,
      afterFailureMs: EVERY_MS * 5,
      onFailure: (error) => {
        options.log.failure(error, {}, 'simulations could not be started');
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
    for (const open of await listOpenSimulations(this.options.pool, MOST)) {
      if (this.asked.has(open.simulationId)) continue;
      await this.start(open);
      this.asked.set(open.simulationId, now);
    }
    return 'idle';
  }

  private async start(open: OpenSimulation): Promise<void> {
    const { workspaceId, simulationId, journeyKey, days } = open;
    const { client, taskQueue, publicUrl } = this.options;
    try {
      await client.workflow.start('simulateJourney', {
        workflowId: simulationWorkflowId(simulationId),
        taskQueue,
        args: [{ workspaceId, simulationId }],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        typedSearchAttributes: [
          { key: { name: 'JourneyKey', type: 'KEYWORD' }, value: journeyKey },
          { key: { name: 'BatchId', type: 'KEYWORD' }, value: simulationId },
          { key: { name: 'TenantId', type: 'KEYWORD' }, value: workspaceId },
        ],
        staticSummary: `simulate ${journeyKey} · ${days} d`,
        staticDetails: `[simulation](${publicUrl}/api/v1/journeys/${journeyKey}/simulations/${simulationId})`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}
