/** What a person sees of a run in the Temporal UI: search attributes once per wait, and a few lines of where and why. */
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { JourneyCommand } from './contract.js';

type WaitCommand = Extract<JourneyCommand, { kind: 'wait' }>;
type DeliverCommand = Extract<JourneyCommand, { kind: 'deliver' }>;

const JOURNEY_STATE = { name: 'JourneyState', type: 'KEYWORD' } as const;
const CURRENT_STEP = { name: 'CurrentStep', type: 'KEYWORD' } as const;
const WAIT_UNTIL = { name: 'WaitUntil', type: 'DATETIME' } as const;
const EXIT_REASON = { name: 'ExitReason', type: 'KEYWORD' } as const;

/** A run that asks again in a second, because the lane is a moment behind, is not worth another event in its history. */
const SAME_TIME_MS = 5_000;

export class Face {
  private shown: WaitCommand | null = null;

  showWait(command: WaitCommand): void {
    if (this.shown !== null && isSame(this.shown, command)) return;
    this.shown = command;
    const { state, step, until } = command;
    upsertSearchAttributes([
      { key: JOURNEY_STATE, value: state },
      { key: CURRENT_STEP, value: step },
      { key: WAIT_UNTIL, value: until === null ? null : new Date(until) },
    ]);
    setCurrentDetails(command.details);
  }

  showDelivery(command: DeliverCommand): void {
    // The activity itself is visible; search attributes are for runs that stand still.
    this.shown = null;
    setCurrentDetails(command.details);
  }

  showEnd(outcome: string): void {
    upsertSearchAttributes([
      { key: JOURNEY_STATE, value: 'ended' },
      { key: WAIT_UNTIL, value: null },
      { key: EXIT_REASON, value: outcome },
    ]);
    setCurrentDetails(`**ended**: ${outcome}`);
  }
}

function isSame(one: WaitCommand, other: WaitCommand): boolean {
  if (one.seq !== other.seq || one.state !== other.state || one.step !== other.step) return false;
  if (one.until === null || other.until === null) return one.until === other.until;
  return Math.abs(one.until - other.until) <= SAME_TIME_MS;
}
