/**
 * Begins a run of refreshRecommendations for every one that was asked for, and again for one whose run was lost; keeps Temporal's
 * schedules as the workspaces want them. The rows are what asks; fixed ids make a start too many harmless.
 */
import type { RelayPool } from '@throughline/store/journeys';
import { applyRefreshSchedules, listOpenRefreshes } from '@throughline/store/recommendations';
import {
  recommendationsScheduleId,
  recommendationsWorkflowId,
  type RecommendationsRequest,
} from '@throughline/workflows/contract';
import { everyHours, keepSchedule, type WantedSchedule } from './keep-schedule.js';
import { MOST_ROWS, RunStarter, type RunStarterOptions, type WantedRun } from './run-starter.js';

export interface RecommendationsStarterOptions extends RunStarterOptions {
  readonly pool: RelayPool;
}

const CATCH_UP_MS = 10 * 60_000;

export class RecommendationsStarter extends RunStarter {
  constructor(private readonly options: RecommendationsStarterOptions) {
    super(options, 'runs of refreshRecommendations could not be started');
  }

  override async pass(): Promise<'idle'> {
    await super.pass();
    await applyRefreshSchedules(this.options.pool, ({ workspaceId, everyHours: hours }) =>
      keepSchedule(
        this.options.client,
        recommendationsScheduleId(workspaceId),
        hours === null ? null : this.scheduleOf(workspaceId, hours),
      ),
    );
    return 'idle';
  }

  protected async wanted(): Promise<readonly WantedRun[]> {
    const { pool, publicUrl } = this.options;
    const open = await listOpenRefreshes(pool, MOST_ROWS);
    return open.map(({ workspaceId, runId }) => ({
      workflowType: 'refreshRecommendations',
      workflowId: recommendationsWorkflowId(workspaceId, runId),
      batchId: runId,
      workspaceId,
      request: { workspaceId, runId } satisfies RecommendationsRequest,
      summary: 'refresh recommendations',
      details: `[run](${publicUrl}/api/v1/recommendations/refreshes/${runId})`,
    }));
  }

  private scheduleOf(workspaceId: string, hours: number): WantedSchedule {
    return {
      workflowType: 'refreshRecommendations',
      workflowId: recommendationsWorkflowId(workspaceId, 'scheduled'),
      workspaceId,
      request: { workspaceId, runId: null } satisfies RecommendationsRequest,
      summary: 'refresh recommendations · scheduled',
      taskQueue: this.options.taskQueue,
      spec: everyHours(hours),
      catchUpMs: CATCH_UP_MS,
    };
  }
}
