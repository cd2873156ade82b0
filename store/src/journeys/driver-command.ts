/** What the run is told: the machine's command in the words of the workflow, small, and without a person in it. */
import { createHash } from 'node:crypto';
import { quietUntil } from '@throughline/domain/journeys';
import { assertNever } from '@throughline/domain/shared';
import type { Progress } from './progress.js';
import type { DriverCommand, StoredCommand } from './types.js';

/** How soon a run asks again whose deadline the lane has not passed yet; the lane's wake usually comes first. */
const ASK_AGAIN_MS = 1_000;
const SUMMARY_CHARS = 200;
const MOST_SPREAD_MS = 60_000;

export function driverCommand(progress: Progress, enrolmentId: string): DriverCommand {
  const { command, seq, state } = progress;
  if (state.place.kind === 'ended') return { kind: 'end', seq, outcome: state.place.outcome };
  if (command === null) return notBegun(progress);
  switch (command.kind) {
    case 'end':
      return { kind: 'end', seq, outcome: command.outcome };
    case 'deliver':
      return deliverCommand(progress, command, enrolmentId);
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

function deliverCommand(
  progress: Progress,
  command: SendCommand,
  enrolmentId: string,
): DriverCommand {
  const summary = command.summary.slice(0, SUMMARY_CHARS);
  const { seq } = progress;
  const { step, visit, expiresAt } = command;
  const block = blockOf(progress, command);
  if (block !== null) {
    const name = `${enrolmentId}/${seq}`;
    return blocked(progress, { step, why: `${summary}: ${block.why}`, until: block.until }, name);
  }
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
  const where = { step: progress.definition.start, why: 'the journey is paused', until: null };
  return blocked(progress, where, '');
}

/** Everybody's quiet hours end on the same minute, so that end is spread like a deadline. */
function blocked({ seq }: Progress, where: Where, name: string): DriverCommand {
  const { step, why, until } = where;
  const summary = why.slice(0, SUMMARY_CHARS);
  return {
    kind: 'wait',
    seq,
    step,
    until,
    spreadMs: until === null ? 0 : spread(name, MOST_SPREAD_MS),
    state: 'blocked',
    summary,
    details: details('blocked', where),
  };
}

interface Block {
  readonly why: string;
  readonly until: number | null;
}

/** What keeps the reserved delivery back, read anew: who lifted a stop, or moved to another zone, need not know of this run. */
function blockOf(progress: Progress, command: SendCommand): Block | null {
  const { delivery } = progress;
  switch (delivery?.blockedBy ?? null) {
    case null:
    case 'lane_behind':
      return null;
    case 'quiet_hours':
      return quietBlock(progress, command);
    case 'capped': {
      const until = delivery?.blockedUntil ?? null;
      return until !== null && until > progress.row.now ? { why: 'frequency cap', until } : null;
    }
    default: {
      const why = stopOf(progress, command);
      return why === null ? null : { why, until: null };
    }
  }
}

function quietBlock({ definition, row }: Progress, command: SendCommand): Block | null {
  const step = definition.steps[command.step];
  const until = step === undefined ? null : quietUntil({ definition, step }, row.traits, row.now);
  return until === null ? null : { why: 'quiet hours', until };
}

function stopOf({ row, delivery }: Progress, command: SendCommand): string | null {
  if (row.journeyState === 'paused') return 'paused';
  // A message that has more than one way may be kept back on another than the first.
  const connection = delivery?.connectionKey ?? command.connection;
  const inForce = [`workspace:`, `journey:${row.journeyKey}`, `connection:${connection}`];
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
