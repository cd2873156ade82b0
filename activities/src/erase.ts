/** Forgetting a person, part by part. Each part is looked at for a while, and asked for again until nothing is left of it. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  appendFinish,
  certify,
  eraseTexts,
  listErasedAudiences,
  listErasedRuns,
  noteRunForgotten,
  noteTold,
  readErasedConnections,
  readErasedPerson,
  stateOfErasure,
  type ErasedRun,
  type PrivacyPool,
} from '@throughline/store/consent';
import {
  journeyWorkflowId,
  type EraseActivities,
  type EraseReport,
  type EraseRequest,
} from '@throughline/workflows/contract';
import { translated } from './activity-errors.js';
import type { ActivityLog } from './dependencies.js';
import { pulse, type Pulse } from './pulse.js';
import { tellErased, type Telling } from './tell-erased.js';

/** What Temporal keeps of runs, as an erasure needs it. */
export interface RunKeeper {
  isOpen(workflowId: string): Promise<boolean>;
  /** deletes every run of this id that is closed; true once none is left to be found */
  forget(workflowId: string): Promise<boolean>;
}

export interface EraseDependencies extends Telling {
  readonly pool: PrivacyPool;
  readonly runs: RunKeeper;
  readonly log: ActivityLog;
}

/** Waiting takes the place of an import's pages: the run waits between two looks, not the activity. */
const WORK_FOR_MS = 3_000;
const LOOK_AGAIN_MS = 250;
const RUNS_AT_ONCE = 100;

export function createEraseActivities(deps: EraseDependencies): EraseActivities {
  const { pool, log } = deps;
  return {
    awaitRunsLeft: (request) =>
      translated(log, 'awaitRunsLeft', () => untilOver(() => runsLeft(deps, request))),
    eraseRunRows: (request) => translated(log, 'eraseRunRows', () => eraseRunRows(deps, request)),
    eraseTexts: (request) => translated(log, 'eraseTexts', () => texts(deps, request)),
    forgetHistories: (request) =>
      translated(log, 'forgetHistories', () => untilOver((beat) => forget(deps, request, beat))),
    awaitAudiences: (request) =>
      translated(log, 'awaitAudiences', () => untilOver(() => audiencesLeft(deps, request))),
    noteAudiencesLeft: (request) =>
      translated(log, 'noteAudiencesLeft', () => noteAudiencesLeft(deps, request)),
    listToTell: (request) => translated(log, 'listToTell', () => listToTell(deps, request)),
    tellErased: (request) => translated(log, 'tellErased', () => tellErased(deps, request)),
    noteUntold: ({ connectionKey, ...ref }) =>
      translated(log, 'noteUntold', () =>
        noteTold(pool, ref, { connectionKey, outcome: 'not_told' }),
      ),
    certifyErasure: (request) => translated(log, 'certifyErasure', () => certify(pool, request)),
  };
}

const OVER: EraseReport = { state: 'over', runs: 0 };

/** Looks until there is nothing left, or long enough. */
async function untilOver(look: (beat: () => void) => Promise<EraseReport>): Promise<EraseReport> {
  const { beat, signal }: Pulse<EraseReport | null> = pulse();
  const until = Date.now() + WORK_FOR_MS;
  for (;;) {
    const report = await look(() => {
      beat(null);
    });
    if (report.state === 'over' || Date.now() > until) return report;
    beat(report);
    await delay(LOOK_AGAIN_MS, undefined, { signal });
  }
}

async function runsLeft(
  { pool, runs }: EraseDependencies,
  request: EraseRequest,
): Promise<EraseReport> {
  const state = await stateOfErasure(pool, request);
  if (state === 'requested') return { state: 'more', runs: 0 };
  if (state !== 'closing') return OVER;
  let open = 0;
  for (const run of await listErasedRuns(pool, request, RUNS_AT_ONCE))
    if (!run.settled || (await runs.isOpen(workflowIdOf(run)))) open += 1;
  return { state: open === 0 ? 'over' : 'more', runs: open };
}

async function eraseRunRows(
  { pool }: EraseDependencies,
  request: EraseRequest,
): Promise<EraseReport> {
  if ((await stateOfErasure(pool, request)) === 'closing') await appendFinish(pool, request);
  return untilOver(async () =>
    (await stateOfErasure(pool, request)) === 'closing' ? { state: 'more', runs: 0 } : OVER,
  );
}

async function texts({ pool }: EraseDependencies, request: EraseRequest): Promise<EraseReport> {
  const { beat }: Pulse<null> = pulse();
  const person = await readErasedPerson(pool, request);
  if (person !== null)
    await eraseTexts(pool, request, {
      person,
      beat: () => {
        beat(null);
      },
    });
  return OVER;
}

async function forget(
  { pool, runs }: EraseDependencies,
  request: EraseRequest,
  beat: () => void,
): Promise<EraseReport> {
  const found = await listErasedRuns(pool, request, RUNS_AT_ONCE);
  let left = 0;
  for (const run of found) {
    beat();
    if (await isForgotten(runs, run)) await noteRunForgotten(pool, request, run.enrolmentId);
    else left += 1;
  }
  const isLast = left === 0 && found.length < RUNS_AT_ONCE;
  return { state: isLast ? 'over' : 'more', runs: left };
}

/** A history is deleted when its run has ended by itself, never to end it. */
async function isForgotten(runs: RunKeeper, run: ErasedRun): Promise<boolean> {
  const id = workflowIdOf(run);
  if (!run.settled || (await runs.isOpen(id))) return false;
  return runs.forget(id);
}

function workflowIdOf({ journeyKey, enrolmentId }: ErasedRun): string {
  return journeyWorkflowId(journeyKey, enrolmentId);
}

async function audiencesLeft(
  { pool }: EraseDependencies,
  request: EraseRequest,
): Promise<EraseReport> {
  const left = await listErasedAudiences(pool, request);
  return left.length === 0 ? OVER : { state: 'more', runs: left.length };
}

async function noteAudiencesLeft(
  { pool }: EraseDependencies,
  request: EraseRequest,
): Promise<void> {
  for (const { audienceKey } of await listErasedAudiences(pool, request))
    await noteTold(pool, request, {
      connectionKey: `audience/${audienceKey}`,
      outcome: 'not_removed',
    });
}

async function listToTell(
  { pool, findConnector }: EraseDependencies,
  request: EraseRequest,
): Promise<readonly string[]> {
  const connections = await readErasedConnections(pool, request);
  return connections
    .filter(({ told, connector }) => !told && findConnector(connector)?.erase !== undefined)
    .map(({ key }) => key);
}
