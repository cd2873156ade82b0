/**
 * Begins a run of scoreChurn for every one that was asked for, and again for one whose run was lost; keeps a schedule in Temporal
 * for every live prediction. Rows and definitions are what asks; fixed ids make a start too many harmless.
 */
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
import { everyHours, keepSchedule, type WantedSchedule } from './keep-schedule.js';
import { MOST_ROWS, RunStarter, type RunStarterOptions, type WantedRun } from './run-starter.js';

export interface PredictionStarterOptions extends RunStarterOptions {
  readonly pool: RelayPool;
}

/** A run that was missed longer ago than this is made up for by the next one: it scores everybody. */
const CATCH_UP_MS = 3_600_000;

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
    const hours = parsed?.success === true ? (parsed.data.schedule?.everyHours ?? null) : null;
    await keepSchedule(
      this.options.client,
      predictionScheduleId(workspaceId, key),
      hours === null ? null : this.scheduleOf(workspaceId, key, hours),
    );
  }

  private scheduleOf(workspaceId: string, key: string, hours: number): WantedSchedule {
    return {
      workflowType: 'scoreChurn',
      workflowId: predictionWorkflowId(key, `${workspaceId}/scheduled`),
      workspaceId,
      request: { workspaceId, predictionKey: key, runId: null } satisfies PredictionRequest,
      summary: `predict ${key} · scheduled`,
      taskQueue: this.options.taskQueue,
      spec: everyHours(hours),
      catchUpMs: CATCH_UP_MS,
    };
  }
}
