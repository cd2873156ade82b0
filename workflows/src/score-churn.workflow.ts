/**
 * One run of a prediction: check and train, or take the model that is live; score everybody; publish what has changed. How far it
 * is stands in the run's row, so that a run that is repeated or begun anew goes on from there.
 */
import {
  CancellationScope,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  PredictionActivities,
  PredictionRef,
  PredictionReport,
  PredictionRequest,
} from './contract.js';

/** A database that is away is an outage: attempts have no limit. A worker that died is missed after half a minute of silence. */
const { openPrediction, trainPrediction, advancePrediction, closePrediction, endPrediction } =
  proxyActivities<PredictionActivities>({
    startToCloseTimeout: '2 h',
    heartbeatTimeout: '30 s',
    retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
  });

const LONG_HISTORY = 2_000;
const NOBODY_ASKS: PredictionReport = { phase: 'over', state: 'cancelled', scored: 0, changed: 0 };

export async function scoreChurn(request: PredictionRequest): Promise<PredictionReport> {
  const ref = await openPrediction.executeWithOptions(
    { activityId: 'open', summary: 'begin or go on' },
    [request],
  );
  if (ref === null) return NOBODY_ASKS;
  try {
    const trained = await trainPrediction.executeWithOptions(
      { activityId: 'train', summary: 'history → model' },
      [ref],
    );
    setCurrentDetails(detailsOf(trained));
    if (trained.state !== 'running') return trained;
    await advanceAll(ref, trained);
    const closed = await closePrediction.executeWithOptions(
      { activityId: 'close', summary: 'drift, and the end' },
      [ref],
    );
    setCurrentDetails(detailsOf(closed));
    return closed;
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => endPrediction(ref));
    throw error;
  }
}

async function advanceAll(ref: PredictionRef, trained: PredictionReport): Promise<void> {
  let report = trained;
  for (let page = 1; report.phase !== 'over'; page += 1) {
    report = await advancePrediction.executeWithOptions(
      { activityId: `advance#${page}`, summary: `${WORDS[report.phase]} · ${page}` },
      [ref],
    );
    setCurrentDetails(detailsOf(report));
    if (report.phase !== 'over' && workflowInfo().historyLength > LONG_HISTORY)
      await continueAsNew<typeof scoreChurn>(ref);
  }
}

const WORDS = {
  train: 'history → model',
  score: 'customers → scores',
  publish: 'scores → traits',
  retire: 'customers without a history',
} as const;

function detailsOf({ state, phase, scored, changed }: PredictionReport): string {
  return `**${state}** (${phase}): ${scored} customers scored, ${changed} changed`;
}
