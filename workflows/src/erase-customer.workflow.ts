/**
 * One run per erasure: the profile goes first, then the person's runs leave, then what they stood on, then texts, histories, and what
 * other systems hold. Each part is asked for until nothing is left of it; the rows say how far it came.
 */
import {
  ActivityFailure,
  type ActivityFunctionWithOptions,
  continueAsNew,
  isCancellation,
  patched,
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

/**
 * About a quarter of an hour: a run that does not leave in this time, because no worker carries it, loses its rows all the same and
 * ends when it next looks.
 */
const PATIENCE = 60;
const LONG_HISTORY = 2_000;
/** Runs leave within seconds, or wait for something that takes longer. */
const SOON = 10;

export async function eraseCustomer(request: EraseRequest): Promise<void> {
  await repeat(request, LEAVE);
  await repeat(request, ROWS);
  await repeat(request, TEXTS);
  await repeat(request, HISTORIES);
  // Erasures that were under way when audiences came know nothing of them.
  if (patched('audiences')) await leaveAudiences(request);
  await tellEverybody(request);
  await erasing.certifyErasure.executeWithOptions({ summary: 'certificate' }, [request]);
}

interface Part {
  readonly name: string;
  readonly what: string;
  readonly activity: ActivityFunctionWithOptions<EraseActivities['eraseTexts']>;
  /** goes on without, after so many looks */
  readonly most?: number;
}

const LEAVE: Part = {
  name: 'leave',
  what: 'runs leave',
  activity: erasing.awaitRunsLeft,
  most: PATIENCE,
};
const ROWS: Part = { name: 'rows', what: 'rows of runs', activity: erasing.eraseRunRows };
const TEXTS: Part = { name: 'texts', what: 'texts', activity: erasing.eraseTexts };
const HISTORIES: Part = { name: 'histories', what: 'histories', activity: erasing.forgetHistories };

async function repeat(
  request: EraseRequest,
  { name, what, activity, most = Infinity }: Part,
): Promise<void> {
  for (let page = 1; ; page += 1) {
    const options = { activityId: `${name}#${page}`, summary: `${what} · ${page}` };
    const report = await activity.executeWithOptions(options, [request]);
    setCurrentDetails(detailsOf(what, report));
    if (report.state === 'over' || page >= most) return;
    await sleep(page < SOON ? '1 s' : '15 s', { summary: `${what}: ${report.runs} runs left` });
    if (workflowInfo().historyLength > LONG_HISTORY)
      await continueAsNew<typeof eraseCustomer>(request);
  }
}

function detailsOf(what: string, { state, runs }: EraseReport): string {
  return state === 'over' ? `**${what}**: done` : `**${what}**: ${runs} runs left`;
}

const AUDIENCES: Part = {
  name: 'audiences',
  what: 'audiences',
  activity: erasing.awaitAudiences,
  most: PATIENCE,
};

async function leaveAudiences(request: EraseRequest): Promise<void> {
  await repeat(request, AUDIENCES);
  await erasing.noteAudiencesLeft.executeWithOptions({ summary: 'audiences left' }, [request]);
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
