/** Begins a run of simulateJourney for every simulation that was asked for. */
import { listOpenSimulations, type RelayPool } from '@throughline/store/journeys';
import { simulationWorkflowId } from '@throughline/workflows/contract';
import { MOST_ROWS, RunStarter, type RunStarterOptions, type WantedRun } from './run-starter.js';

export interface SimulationStarterOptions extends RunStarterOptions {
  readonly pool: RelayPool;
}

export class SimulationStarter extends RunStarter {
  constructor(private readonly options: SimulationStarterOptions) {
    super(options, 'simulations could not be started');
  }

  protected async wanted(): Promise<readonly WantedRun[]> {
    const { pool, publicUrl } = this.options;
    const open = await listOpenSimulations(pool, MOST_ROWS);
    return open.map(({ workspaceId, simulationId, journeyKey, days }) => ({
      workflowType: 'simulateJourney',
      workflowId: simulationWorkflowId(simulationId),
      batchId: simulationId,
      workspaceId,
      journeyKey,
      request: { workspaceId, simulationId },
      summary: `simulate ${journeyKey} · ${days} d`,
      details: `[simulation](${publicUrl}/api/v1/journeys/${journeyKey}/simulations/${simulationId})`,
    }));
  }
}
