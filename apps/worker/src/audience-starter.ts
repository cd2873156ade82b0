/** Asks for a run of every audience that has something to do, and begins a run of syncAudience for each that was asked for. */
import { askDueAudiences, listOpenAudienceRuns } from '@throughline/store/destinations';
import type { RelayPool } from '@throughline/store/journeys';
import { audienceWorkflowId } from '@throughline/workflows/contract';
import { MOST_ROWS, RunStarter, type RunStarterOptions, type WantedRun } from './run-starter.js';

export interface AudienceStarterOptions extends RunStarterOptions {
  readonly pool: RelayPool;
}

export class AudienceStarter extends RunStarter {
  constructor(private readonly options: AudienceStarterOptions) {
    super(options, 'audiences could not be started');
  }

  protected async wanted(): Promise<readonly WantedRun[]> {
    const { pool, publicUrl } = this.options;
    await askDueAudiences(pool, MOST_ROWS);
    const open = await listOpenAudienceRuns(pool, MOST_ROWS);
    return open.map(({ workspaceId, runId, audienceKey, kind, dryRun }) => ({
      workflowType: 'syncAudience',
      workflowId: audienceWorkflowId(audienceKey, runId),
      batchId: runId,
      workspaceId,
      request: { workspaceId, runId },
      summary: `audience ${audienceKey} · ${dryRun ? 'dry run' : kind}`,
      details: `[run](${publicUrl}/api/v1/audiences/${audienceKey}/runs/${runId})`,
    }));
  }
}
