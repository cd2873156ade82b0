/**
 * A run on its way through one transaction: which input comes next, and what the machine makes of it. Several inputs may be
 * taken in a row (a wait that the look-back ends at once); each raises seq, so that every command has a number of its own.
 */
import {
  advance,
  chooseInput,
  commandOf,
  consumedAtEntry,
  consumedBy,
  consumedUntil,
  withDeadline,
  type Advance,
  type Command,
  type Consumed,
  type Fired,
  type JourneyDefinition,
  type JourneyInput,
  type OpenWait,
  type OperatorRequest,
  type Pending,
  type ProfileUpdate,
  type RunState,
  type StepView,
  type TrailEntry,
} from '@throughline/domain/journeys';
import { assertNever, InvariantBroken } from '@throughline/domain/shared';
import { deliveryPending, type DeliveryWrite } from './delivery-outcome.js';
import type { DeliveryFacts, OpenRequest, StepRow, StoredCommand, Verdict } from './types.js';

/** Every ordinal of a row that the lane has applied whole. */
const LAST_ORDINAL = 2_147_483_647;

export interface WaitWrite {
  readonly seq: number;
  readonly wait: OpenWait;
  readonly closed: boolean;
}

export interface TrailWrite extends TrailEntry {
  readonly seq: number;
  readonly entry: number;
}

export interface VerdictWrite {
  readonly requestId: string;
  readonly verdict: Verdict;
}

export class Progress {
  seq: number;
  state: RunState;
  command: StoredCommand | null;
  consumed: Consumed;
  wait: OpenWait | null;
  delivery: DeliveryFacts | null;
  /** the wait row that was open when the transaction began is closed by it */
  leftFirstWait = false;
  readonly waits: WaitWrite[] = [];
  readonly trail: TrailWrite[] = [];
  readonly verdicts: VerdictWrite[] = [];
  readonly deliveries: DeliveryWrite[] = [];
  readonly updates: ProfileUpdate[] = [];
  private readonly requests: OpenRequest[];

  constructor(
    readonly row: StepRow,
    readonly definition: JourneyDefinition,
  ) {
    this.seq = row.seq;
    this.state = row.runState;
    this.command = row.command;
    this.consumed = row.seq > 0 ? row.consumed : consumedAtEntry(row.trigger.ref);
    this.wait = openWaitOf(row);
    this.delivery = row.delivery;
    this.requests = [...row.requests];
  }

  get moved(): boolean {
    return this.seq > this.row.seq;
  }

  /** The input that is due; null when the command still has no outcome. */
  next(): JourneyInput | null {
    const pending = this.pending();
    const isEntering = this.state.place.kind === 'entering';
    if (isEntering && this.isPaused && pending.exit === null) return null;
    return chooseInput(this.state, pending);
  }

  /** Runs the machine. True when a new command was reached. */
  apply(input: JourneyInput): boolean {
    const result = advance(this.definition, this.placed(), input, this.view());
    const [request] = this.requests;
    const isRequest = input.kind === 'operator' && request !== undefined;
    if (isRequest) this.judge(request, result);
    if (result.refused !== undefined) {
      if (isRequest) return false;
      throw new InvariantBroken(`the journey refused ${input.kind}: ${result.refused}`);
    }
    this.take(input, result);
    return true;
  }

  /** What the machine would not do by itself: whatever the run was at, it stands still until a person decides. */
  hold(reason: string): void {
    const { place } = this.state;
    if (place.kind === 'held' || place.kind === 'ended') return;
    const from = place.kind === 'waiting' ? place : heldFrom(place, this.definition);
    const state: RunState = { ...this.state, place: { kind: 'held', reason, from } };
    const command = commandOf(this.definition, state, this.row.trigger);
    const visit = from.kind === 'at' ? null : from.visit;
    this.take(
      { kind: 'operator', request: { kind: 'hold', reason }, instant: this.row.now },
      {
        state,
        command,
        trail: [{ kind: 'held', step: from.step, visit, at: this.row.now, detail: { reason } }],
        updates: [],
      },
    );
    this.openWait(idleWait(command));
  }

  /** Gives the last command a higher number, and its trail with it. */
  renumber(seq: number): void {
    for (const [index, entry] of this.trail.entries()) {
      if (entry.seq === this.seq) this.trail[index] = { ...entry, seq };
    }
    this.seq = seq;
  }

  openWait(wait: OpenWait): void {
    this.wait = wait;
  }

  get isPaused(): boolean {
    return this.row.journeyState === 'paused';
  }

  private take(input: JourneyInput, result: Advance): void {
    this.consume(input);
    if (input.kind === 'exit' || input.kind === 'delivered') this.settleLeftover();
    if (this.wait !== null) this.leaveWait(this.wait);
    this.seq += 1;
    this.state = result.state;
    this.command = withSpread(result.command, input.instant);
    this.wait = null;
    this.delivery = null;
    result.trail.forEach((entry, index) =>
      this.trail.push({ ...entry, seq: this.seq, entry: index }),
    );
    this.updates.push(...result.updates);
  }

  /** Closing a wait moves the reading position to where it was decided. */
  private consume(input: JourneyInput): void {
    const { lane } = this.row;
    if (input.kind === 'fired' && this.wait?.fired) {
      this.consumed = consumedBy(this.consumed, this.wait.fired.ref);
    } else if (input.kind === 'timeout') {
      this.consumed = consumedUntil(this.consumed, input.instant);
    } else if (input.kind === 'operator' && input.request.kind === 'skipWait') {
      this.consumed = consumedBy(this.consumed, {
        position: lane.position,
        ordinal: LAST_ORDINAL,
      });
    }
  }

  /** A row that the activity has left behind is closed with what the run makes of it. */
  private settleLeftover(): void {
    const { command, delivery } = this;
    if (command?.kind !== 'deliver' || delivery === null) return;
    const write = deliveryPending(delivery, this.circumstances()).write;
    if (write !== undefined)
      this.deliveries.push({ ...write, step: command.step, visit: command.visit });
  }

  private leaveWait(wait: OpenWait): void {
    if (this.moved) this.waits.push({ seq: this.seq, wait, closed: true });
    else this.leftFirstWait = true;
  }

  private judge(request: OpenRequest, result: Advance): void {
    const verdict: Verdict =
      result.refused === undefined
        ? { accepted: true, state: result.state.place.kind }
        : { accepted: false, reason: result.refused };
    this.verdicts.push({ requestId: request.requestId, verdict });
    this.requests.shift();
  }

  /** The lane moves deadlines of open waits; the machine must go on from the one that holds. */
  private placed(): RunState {
    return this.wait === null ? this.state : withDeadline(this.state, this.wait.deadline);
  }

  private view(): StepView {
    const { customerId, traits, facts, segments, trigger } = this.row;
    return { customerId, traits, facts, segments: new Set(segments), trigger };
  }

  private pending(): Pending {
    const { row, command } = this;
    const [request] = this.requests;
    return {
      exit: this.exit(),
      // Paused, a person stays where they are: what ended the wait is kept for the day the journey goes on.
      wait: this.wait === null || this.isPaused ? null : this.pendingWait(this.wait),
      delivery:
        command?.kind === 'deliver'
          ? deliveryPending(this.delivery, this.circumstances()).pending
          : null,
      request:
        request === undefined
          ? null
          : { request: operatorOf(request, this.state), instant: row.now },
      enteredAt: row.trigger.ref.clock,
    };
  }

  private circumstances(): { isNew: boolean; leaving: boolean; now: number } {
    return { isNew: this.moved, leaving: this.exit() !== null, now: this.row.now };
  }

  /** Strictly later: another input may still come with a clock equal to the lane's. */
  private pendingWait({ fired, deadline }: OpenWait): NonNullable<Pending['wait']> {
    return { fired, deadline, passed: deadline !== null && this.row.lane.clock > deadline };
  }

  private exit(): Pending['exit'] {
    const { exitRequest, journeyState, lane, now } = this.row;
    if (exitRequest !== null) {
      const { reason, position = -1, ordinal = 0, clock = now } = exitRequest;
      return { reason, ref: { position, ordinal, clock } };
    }
    if (journeyState !== 'stopped') return null;
    return {
      reason: 'journey_stopped',
      ref: { position: lane.position, ordinal: LAST_ORDINAL, clock: now },
    };
  }
}

/** A wait that no input ends: held, or for an operator only. */
export function idleWait(command: Command): OpenWait {
  if (command.kind !== 'wait') throw new InvariantBroken(`a wait was opened for ${command.kind}`);
  const { step, subscriptions, deadline } = command;
  return { step, subscriptions, deadline, restarts: 0, fired: null };
}

function openWaitOf({ wait, command }: StepRow): OpenWait | null {
  if (wait === null || command?.kind !== 'wait') return null;
  return {
    ...idleWait(command),
    deadline: wait.deadline,
    restarts: wait.restarts,
    fired: firedOf(wait.fired),
  };
}

function firedOf(
  fired: { branch: string; position: number; ordinal: number; clock: number } | null,
): Fired | null {
  if (fired === null) return null;
  const { branch, position, ordinal, clock } = fired;
  return { branch, ref: { position, ordinal, clock } };
}

type UnderWay = Extract<RunState['place'], { kind: 'entering' | 'delivering' }>;

/** A delivery that nobody knows the end of counts as failed: a retry by a person is a new visit, never a second send of this one. */
function heldFrom(place: UnderWay, definition: JourneyDefinition) {
  return place.kind === 'entering'
    ? ({ kind: 'at', step: definition.start } as const)
    : ({ kind: 'failed', step: place.step, visit: place.visit } as const);
}

function operatorOf(request: OpenRequest, state: RunState): OperatorRequest {
  const { args, kind } = request;
  switch (kind) {
    case 'skipWait': {
      const at = state.place.kind === 'waiting' ? state.place : { step: '', visit: 0 };
      return { kind, step: args.step ?? at.step, visit: args.visit ?? at.visit };
    }
    case 'forceExit':
      return { kind, reason: args.reason ?? 'forced' };
    case 'hold':
      return { kind, reason: args.reason ?? 'operator' };
    case 'resume':
    case 'retryStep':
      return { kind };
    default:
      return assertNever(kind);
  }
}

/** Room for the spread of a timer: a hundredth of the wait, a minute at most. */
function withSpread(command: Command, instant: number): StoredCommand {
  if (command.kind !== 'wait' || command.deadline === null) return command;
  const room = Math.floor((command.deadline - instant) / 100);
  return { ...command, spreadMs: Math.max(0, Math.min(60_000, room)) };
}
