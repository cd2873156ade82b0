/**
 * Begins a run of scoreChurn for every one that was asked for, and again for one whose run was lost; keeps a schedule in Temporal
 * for every live prediction. Rows and definitions are what asks; fixed ids make a start too many harmless.
 */
import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleOptions,
} from '@temporalio/client';
import { PredictionSchema } from '@throughline/domain/prediction/schemas';
import type { RelayPool } from '@throughline/store/journeys';
import {
  listOpenPredictionRuns,
  listPredictionsToSchedule,
  notePredictionScheduled,
  type PredictionToSchedule,
} from '@throughline/store/prediction';
import {
  predictionScheduleId,
  predictionWorkflowId,
  type PredictionRequest,
} from '@throughline/workflows/contract';
import { MOST_ROWS, RunStarter, type RunStarterOptions, type WantedRun } from './run-starter.js';

export interface PredictionStarterOptions extends RunStarterOptions {
  readonly pool: RelayPool;
}

/** A run that was missed longer ago than this is made up for by the next one: it scores everybody. */
const CATCH_UP = '1 h';

export class PredictionStarter extends RunStarter {
  constructor(private readonly options: PredictionStarterOptions) {
    super(options, 'runs of scoreChurn could not be started');
  }

  override async pass(): Promise<'idle'> {
    await super.pass();
    const wrong = await listPredictionsToSchedule(this.options.pool, MOST_ROWS);
    for (const prediction of wrong) {
      await this.mend(prediction);
      await notePredictionScheduled(this.options.pool, prediction);
    }
    return 'idle';
  }

  protected async wanted(): Promise<readonly WantedRun[]> {
    const { pool, publicUrl } = this.options;
    const open = await listOpenPredictionRuns(pool, MOST_ROWS);
    return open.map(({ workspaceId, runId, key, purpose }) => ({
      workflowType: 'scoreChurn',
      workflowId: predictionWorkflowId(key, runId),
      batchId: runId,
      workspaceId,
      request: { workspaceId, predictionKey: key, runId } satisfies PredictionRequest,
      summary: `predict ${key} · ${purpose}`,
      details: `[run](${publicUrl}/api/v1/predictions/${key}/runs/${runId})`,
    }));
  }

  private async mend({ workspaceId, key, body }: PredictionToSchedule): Promise<void> {
    const parsed = body === null ? null : PredictionSchema.safeParse(body);
    const everyHours = parsed?.success === true ? (parsed.data.schedule?.everyHours ?? null) : null;
    const { schedule } = this.options.client;
    const scheduleId = predictionScheduleId(workspaceId, key);
    try {
      const handle = schedule.getHandle(scheduleId);
      if (everyHours === null) await handle.delete();
      else {
        const wanted = this.scheduleOf(workspaceId, key, everyHours);
        // What a person paused in Temporal stays paused.
        await handle.update(({ state }) => ({ ...wanted, state }));
      }
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      if (everyHours !== null)
        await schedule.create({ scheduleId, ...this.scheduleOf(workspaceId, key, everyHours) });
    }
  }

  private scheduleOf(
    workspaceId: string,
    key: string,
    everyHours: number,
  ): Omit<ScheduleOptions, 'scheduleId'> {
    const request: PredictionRequest = { workspaceId, predictionKey: key, runId: null };
    return {
      spec: { intervals: [{ every: everyHours * 3_600_000 }], jitter: '5 min' },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP },
      action: {
        type: 'startWorkflow',
        workflowType: 'scoreChurn',
        workflowId: predictionWorkflowId(key, `${workspaceId}/scheduled`),
        taskQueue: this.options.taskQueue,
        args: [request],
        typedSearchAttributes: [{ key: { name: 'TenantId', type: 'KEYWORD' }, value: workspaceId }],
        staticSummary: `predict ${key} · scheduled`,
      },
    };
  }
}
