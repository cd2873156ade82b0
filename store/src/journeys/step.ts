/**
 * `step`: under the customer's lock, read the run and what has happened to it, run the machine, store what came of it, and
 * answer with one command. Everything a run can be asked twice (a retried task, a reset, a second run) gets a harmless answer.
 */
import type { Queryable } from '../shared/index.js';
import { Superseded, underCustomerLock } from './customer-lock.js';
import { journeyVersion } from './definition-cache.js';
import { driverCommand } from './driver-command.js';
import { lookBack } from './look-back.js';
import { idleWait, Progress } from './progress.js';
import { readStep } from './read-step.js';
import type { DriverCommand, EnginePool, StepRequest, StepRow } from './types.js';
import { isOverdue, writeStep } from './write-step.js';

/** Inputs taken in one transaction; what is left is taken by the next step, which follows at once. */
const MOST_TURNS = 50;

export async function stepEnrolment(
  pool: EnginePool,
  request: StepRequest,
): Promise<DriverCommand> {
  const { command, wakeLane } = await underCustomerLock(pool, request, (client, subjectId) =>
    step(client, request, subjectId),
  );
  // A hint, and outside the transaction: notifying would make every commit queue behind one lock.
  if (wakeLane) await pool.query(`select pg_notify('throughline_lane', '')`).catch(() => undefined);
  return command;
}

interface Stepped {
  readonly command: DriverCommand;
  readonly wakeLane: boolean;
}

async function step(client: Queryable, request: StepRequest, subjectId: string): Promise<Stepped> {
  const row = await readStep(client, request, subjectId);
  if (request.generation < row.generation) throw new Superseded('older_generation');
  const definition = await journeyVersion(client, {
    workspaceId: request.workspaceId,
    key: row.journeyKey,
    version: row.version,
  });
  const progress = new Progress(row, definition);
  if (row.state === 'ended') return ended(client, request, progress);
  if (isStoreBehind(request, row)) holdBehind(progress, request);
  else if (request.seq === row.seq + 1) await goOn(client, request, progress);
  await writeStep(client, request, progress);
  return { command: driverCommand(progress, request.enrolmentId), wakeLane: isOverdue(progress) };
}

async function goOn(client: Queryable, request: StepRequest, progress: Progress): Promise<void> {
  const { row } = progress;
  // The reconciler can only note that a run is held; the machine learns it here, before anything else.
  if (row.state === 'held') progress.hold(row.heldReason ?? 'held');
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const input = progress.next();
    if (input === null) return;
    if (progress.apply(input)) await enterWait(client, request, progress);
  }
}

async function enterWait(
  client: Queryable,
  request: StepRequest,
  progress: Progress,
): Promise<void> {
  const { command, row, definition, consumed } = progress;
  if (command?.kind !== 'wait') return;
  const look = {
    workspaceId: request.workspaceId,
    wait: idleWait(command),
    consumed,
    definition,
    row,
  };
  progress.openWait(await lookBack(client, look));
}

/** The run remembers commands that the store does not: history was lost, and only a person can say what was sent. */
function isStoreBehind(request: StepRequest, row: StepRow): boolean {
  return request.seq > row.seq + 1 || request.generation > row.generation;
}

/** Takes the run's number over, so that its next question is in order again. */
function holdBehind(progress: Progress, request: StepRequest): void {
  progress.hold('store_behind');
  progress.renumber(Math.max(request.seq, progress.seq));
}

/** Whoever still asks something of a run that is over gets an answer. */
async function ended(
  client: Queryable,
  request: StepRequest,
  progress: Progress,
): Promise<Stepped> {
  const { row } = progress;
  for (const { requestId } of row.requests) {
    progress.verdicts.push({ requestId, verdict: { accepted: false, reason: 'ended' } });
  }
  await writeStep(client, request, progress);
  return {
    command: { kind: 'end', seq: row.seq, outcome: row.outcome ?? 'ended' },
    wakeLane: false,
  };
}
