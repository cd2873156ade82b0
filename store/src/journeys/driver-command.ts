/** What the run is told: the machine's command in the words of the workflow, small, and without a person in it. */
import { createHash } from 'node:crypto';
import { assertNever } from '@throughline/domain/shared';
import type { Progress } from './progress.js';
import type { DriverCommand, StoredCommand } from './types.js';

/** How soon a run asks again whose deadline the lane has not passed yet; the lane's wake usually comes first. */
const ASK_AGAIN_MS = 1_000;
const SUMMARY_CHARS = 200;

export function driverCommand(progress: Progress, enrolmentId: string): DriverCommand {
  const { command, seq, state } = progress;
  if (state.place.kind === 'ended') return { kind: 'end', seq, outcome: state.place.outcome };
  if (command === null) return notBegun(progress);
  switch (command.kind) {
    case 'end':
      return { kind: 'end', seq, outcome: command.outcome };
    case 'deliver':
      return deliverCommand(progress, command);
    case 'wait':
      return waitCommand(progress, command, enrolmentId);
    default:
      return assertNever(command);
  }
}

type WaitCommand = Extract<StoredCommand, { kind: 'wait' }>;
type SendCommand = Extract<StoredCommand, { kind: 'deliver' }>;

function waitCommand(progress: Progress, command: WaitCommand, enrolmentId: string): DriverCommand {
  const { seq, state } = progress;
  const summary = command.summary.slice(0, SUMMARY_CHARS);
  const isHeld = state.place.kind === 'held';
  const timer = timerOf(progress, command, enrolmentId);
  return {
    kind: 'wait',
    seq,
    step: command.step,
    ...timer,
    state: isHeld ? 'held' : timer.until === null && isPaused(progress) ? 'blocked' : 'waiting',
    summary,
    details: details(isHeld ? 'held' : 'waiting', {
      step: command.step,
      why: summary,
      until: progress.wait?.deadline ?? null,
    }),
  };
}

/** Paused, the run sleeps until somebody wakes it once its time has come; before that its timer stands. */
function timerOf(
  progress: Progress,
  command: WaitCommand,
  enrolmentId: string,
): { until: number | null; spreadMs: number } {
  const { wait, row } = progress;
  if (wait === null || wait.deadline === null) return { until: null, spreadMs: 0 };
  const isDue = wait.fired !== null || wait.deadline <= row.now;
  if (isDue && isPaused(progress)) return { until: null, spreadMs: 0 };
  if (wait.fired !== null) return { until: row.now, spreadMs: 0 };
  if (wait.deadline <= row.now) return { until: row.now + ASK_AGAIN_MS, spreadMs: 0 };
  return {
    until: wait.deadline,
    spreadMs: spread(`${enrolmentId}/${progress.seq}`, command.spreadMs ?? 0),
  };
}

function deliverCommand(progress: Progress, command: SendCommand): DriverCommand {
  const summary = command.summary.slice(0, SUMMARY_CHARS);
  const { seq } = progress;
  const { step, visit, expiresAt } = command;
  const blockedBy = blockOf(progress, command);
  if (blockedBy !== null) return blocked(progress, step, `${summary}: ${blockedBy}`);
  return {
    kind: 'deliver',
    seq,
    step,
    visit,
    expiresAt,
    summary,
    details: details('sending', { step, why: summary, until: expiresAt }),
  };
}

function notBegun(progress: Progress): DriverCommand {
  return blocked(progress, progress.definition.start, 'the journey is paused');
}

function blocked({ seq }: Progress, step: string, why: string): DriverCommand {
  const summary = why.slice(0, SUMMARY_CHARS);
  return {
    kind: 'wait',
    seq,
    step,
    until: null,
    spreadMs: 0,
    state: 'blocked',
    summary,
    details: details('blocked', { step, why, until: null }),
  };
}

/** The stop or pause that keeps the reserved delivery back, read anew: who lifted it need not know of this run. */
function blockOf({ delivery, row }: Progress, command: SendCommand): string | null {
  if (delivery?.blockedBy == null || delivery.blockedBy === 'lane_behind') return null;
  if (row.journeyState === 'paused') return 'paused';
  const inForce = [`workspace:`, `journey:${row.journeyKey}`, `connection:${command.connection}`];
  return row.stops.find((stop) => inForce.includes(stop)) === undefined
    ? null
    : 'sending is stopped';
}

function isPaused(progress: Progress): boolean {
  return progress.row.journeyState === 'paused';
}

interface Where {
  readonly step: string;
  readonly why: string;
  readonly until: number | null;
}

/** Markdown for the run's page in the Temporal UI. */
function details(state: string, { step, why, until }: Where): string {
  const lines = [`**${state}** at \`${step}\``, why.slice(0, SUMMARY_CHARS)];
  if (until !== null) lines.push(`until ${new Date(until).toISOString()}`);
  return lines.join('\n\n');
}

/** The same run gets the same place in the spread, whichever process computes it. */
function spread(name: string, mostMs: number): number {
  if (mostMs <= 0) return 0;
  return createHash('sha256').update(name).digest().readUInt32BE(0) % (mostMs + 1);
}
