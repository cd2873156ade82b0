/**
 * Begins a run of refreshRecommendations for every one that was asked for, and again for one whose run was lost; keeps Temporal's
 * schedules as the workspaces want them. The rows are what asks; fixed ids make a start too many harmless.
 */
import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleOptions,
} from '@temporalio/client';
import type { RelayPool } from '@throughline/store/journeys';
import {
  applyRefreshSchedules,
  listOpenRefreshes,
  type ChangedRefresh,
} from '@throughline/store/recommendations';
import {
  recommendationsScheduleId,
  recommendationsWorkflowId,
  type RecommendationsRequest,
} from '@throughline/workflows/contract';
import { MOST_ROWS, RunStarter, type RunStarterOptions, type WantedRun } from './run-starter.js';

export interface RecommendationsStarterOptions extends RunStarterOptions {
  readonly pool: RelayPool;
}

export class RecommendationsStarter extends RunStarter {
  constructor(private readonly options: RecommendationsStarterOptions) {
    super(options, 'runs of refreshRecommendations could not be started');
  }

  override async pass(): Promise<'idle'> {
    await super.pass();
    await applyRefreshSchedules(this.options.pool, (schedule) => this.applySchedule(schedule));
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

  private async applySchedule({ workspaceId, everyHours }: ChangedRefresh): Promise<void> {
    const { schedule } = this.options.client;
    const scheduleId = recommendationsScheduleId(workspaceId);
    try {
      const handle = schedule.getHandle(scheduleId);
      if (everyHours === null) await handle.delete();
      else {
        const wanted = this.scheduleOf(workspaceId, everyHours);
        // What a person paused in Temporal stays paused.
        await handle.update(({ state }) => ({ ...wanted, state }));
      }
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      if (everyHours !== null)
        await schedule.create({ scheduleId, ...this.scheduleOf(workspaceId, everyHours) });
    }
  }

  private scheduleOf(workspaceId: string, everyHours: number): Omit<ScheduleOptions, 'scheduleId'> {
    const request: RecommendationsRequest = { workspaceId, runId: null };
    return {
      spec: { intervals: [{ every: everyHours * 3_600_000 }], jitter: '5 min' },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10 min' },
      action: {
        type: 'startWorkflow',
        workflowType: 'refreshRecommendations',
        workflowId: recommendationsWorkflowId(workspaceId, 'scheduled'),
        taskQueue: this.options.taskQueue,
        args: [request],
        typedSearchAttributes: [{ key: { name: 'TenantId', type: 'KEYWORD' }, value: workspaceId }],
        staticSummary: 'refresh recommendations · scheduled',
      },
    };
  }
}
