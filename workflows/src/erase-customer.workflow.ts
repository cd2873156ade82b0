/**
 * One run per erasure: the profile goes first, then the person's runs leave, then what they stood on, then texts, histories, and what
 * other systems hold. Each part is asked for until nothing is left of it; the rows say how far it came.
 */
import {
  ActivityFailure,
  type ActivityFunctionWithOptions,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { EraseActivities, EraseReport, EraseRequest } from './contract.js';

/** Forgetting is not given up: attempts have no limit. */
const erasing = proxyActivities<EraseActivities>({
  startToCloseTimeout: '10 min',
  heartbeatTimeout: '30 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
});

/** Another system is told for a day; then the certificate says that it was not. */
const telling = proxyActivities<Pick<EraseActivities, 'tellErased'>>({
  startToCloseTimeout: '60 s',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumInterval: '10 min' },
});

/** A run that does not leave in this time, because no worker carries it, loses its rows all the same and ends when it next looks. */
const PATIENCE_MS = 15 * 60_000;
const LONG_HISTORY = 2_000;
/** Runs leave within seconds, or wait for something that takes longer. */
const SOON = 10;

export interface EraseInput extends EraseRequest {
  /** ms since epoch; when patience with runs ends. Set by the run itself. */
  readonly patientUntil?: number;
}

export async function eraseCustomer(input: EraseInput): Promise<void> {
  const { workspaceId, eraseId } = input;
  const request = { workspaceId, eraseId };
  const patientUntil = input.patientUntil ?? Date.now() + PATIENCE_MS;
  const carried = { ...request, patientUntil };
  await repeat(carried, { ...LEAVE, until: patientUntil });
  await repeat(carried, ROWS);
  await repeat(carried, TEXTS);
  await repeat(carried, HISTORIES);
  await tellEverybody(request);
  await erasing.certifyErasure.executeWithOptions({ summary: 'certificate' }, [request]);
}

interface Part {
  readonly name: string;
  readonly what: string;
  readonly activity: ActivityFunctionWithOptions<EraseActivities['eraseTexts']>;
  /** goes on without, after this */
  readonly until?: number;
}

const LEAVE: Part = { name: 'leave', what: 'runs leave', activity: erasing.awaitRunsLeft };
const ROWS: Part = { name: 'rows', what: 'rows of runs', activity: erasing.eraseRunRows };
const TEXTS: Part = { name: 'texts', what: 'texts', activity: erasing.eraseTexts };
const HISTORIES: Part = { name: 'histories', what: 'histories', activity: erasing.forgetHistories };

async function repeat(input: EraseInput, { name, what, activity, until }: Part): Promise<void> {
  const { workspaceId, eraseId } = input;
  for (let page = 1; ; page += 1) {
    const options = { activityId: `${name}#${page}`, summary: `${what} · ${page}` };
    const report = await activity.executeWithOptions(options, [{ workspaceId, eraseId }]);
    setCurrentDetails(detailsOf(what, report));
    if (report.state === 'over') return;
    if (until !== undefined && Date.now() >= until) return;
    await sleep(page < SOON ? '1 s' : '15 s', { summary: `${what}: ${report.runs} runs left` });
    if (workflowInfo().historyLength > LONG_HISTORY)
      await continueAsNew<typeof eraseCustomer>(input);
  }
}

function detailsOf(what: string, { state, runs }: EraseReport): string {
  return state === 'over' ? `**${what}**: done` : `**${what}**: ${runs} runs left`;
}

async function tellEverybody(request: EraseRequest): Promise<void> {
  const connections = await erasing.listToTell.executeWithOptions({ summary: 'whom to tell' }, [
    request,
  ]);
  for (const connectionKey of connections) {
    const told = { ...request, connectionKey };
    try {
      await telling.tellErased.executeWithOptions({ summary: `tell ${connectionKey}` }, [told]);
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      await erasing.noteUntold.executeWithOptions({ summary: `${connectionKey} not told` }, [told]);
    }
  }
}
