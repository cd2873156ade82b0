/** What a run of scoreChurn asks for. */
import { Context } from '@temporalio/activity';
import { derivedId } from '@throughline/store/shared';
import type { PredictionActivities, PredictionReport } from '@throughline/workflows/contract';
import { translated } from './activity-errors.js';
import type { ActivityDependencies } from './dependencies.js';
import {
  advancePrediction,
  closePrediction,
  endPrediction,
  openPrediction,
  trainPrediction,
} from './predict.js';
import { pulse } from './pulse.js';

export function createPredictionActivities({
  pool,
  log,
  context,
}: Pick<ActivityDependencies, 'pool' | 'log' | 'context'>): PredictionActivities {
  const deps = { pool, now: context.now };
  return {
    openPrediction: (request) =>
      translated(log, 'openPrediction', () => openPrediction(deps, request, scheduledRunId())),
    trainPrediction: (ref) =>
      translated(log, 'trainPrediction', () =>
        trainPrediction(deps, ref, pulse<PredictionReport>()),
      ),
    advancePrediction: (ref) =>
      translated(log, 'advancePrediction', () =>
        advancePrediction(deps, ref, pulse<PredictionReport>()),
      ),
    closePrediction: (ref) => translated(log, 'closePrediction', () => closePrediction(deps, ref)),
    endPrediction: (ref) => translated(log, 'endPrediction', () => endPrediction(deps, ref)),
  };
}

/** Of the run that asks, so that an attempt that is repeated names the same. */
function scheduledRunId(): string {
  const { scheduledTimestampMs, workflowExecution } = Context.current().info;
  const { workflowId, runId } = workflowExecution ?? { workflowId: '', runId: '' };
  return derivedId(scheduledTimestampMs, 'prediction', workflowId, runId);
}
