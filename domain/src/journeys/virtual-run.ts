import { assertNever, InvariantBroken, type StampedRef } from '../shared/index.js';
import { advance, initialState, withDeadline } from './advance.js';
import { chooseInput, type Pending } from './choose-input.js';
import { commandOf } from './command.js';
import { consumedAtEntry, consumedBy, consumedUntil, type Consumed } from './consumed.js';
import type { VirtualDelivery, VirtualEnrolment } from './virtual-world.js';
import type { Traits } from '../profiles/types.js';
import { replanWait } from './replan-wait.js';
import { lookBack, watchWait, type OpenWait } from './watch-wait.js';
import type {
  Command,
  DeliveryOutcome,
  Happening,
  JourneyDefinition,
  JourneyInput,
  OperatorRequest,
  ProfileUpdate,
  RunState,
  StepView,
  TrailEntry,
  TriggerContext,
} from './types.js';

/** What a step reads of the world at the moment of its call. */
export interface Present {
  readonly view: StepView;
  /** all that the lane has applied for this customer, in log order */
  readonly applied: readonly Happening[];
  /** where the lane stands */
  readonly lane: StampedRef;
  /** every input stamped up to this has been applied; a deadline up to it has passed */
  readonly passed: number;
}

export type DeliveryRow =
  | {
      readonly state: 'open';
      readonly delivery: VirtualDelivery;
      readonly blockedBy: string | null;
      /** when it is decided anew; null: with the next thing that happens */
      readonly until: number | null;
    }
  | {
      readonly state: 'under_way';
      readonly delivery: VirtualDelivery;
      readonly outcome: DeliveryOutcome;
      readonly settlesAt: number;
    }
  | {
      readonly state: 'settled';
      readonly delivery: VirtualDelivery;
      readonly outcome: DeliveryOutcome;
      readonly instant: number;
    };

export interface EnrolmentInput {
  readonly enrolmentId: string;
  readonly customer: string;
  readonly entryKey: string;
  readonly definition: JourneyDefinition;
  readonly trigger: TriggerContext;
}

/**
 * The rows of one enrolment and the `step` that PostgreSQL runs over them, in memory: one command with a seq at a time, the same
 * command for the same seq, and the next one only when the current one has its outcome.
 */
export class VirtualRun {
  private state: RunState = initialState();
  private seq = 0;
  private command: Command | null = null;
  private consumed: Consumed;
  private wait: OpenWait | null = null;
  private exit: Pending['exit'] = null;
  private endedAt: number | null = null;
  private readonly trail: TrailEntry[] = [];
  private readonly goals = new Map<string, StampedRef>();
  private readonly updates: ProfileUpdate[] = [];
  private readonly deliveries = new Map<string, DeliveryRow>();
  private readonly keptBy = new Map<string, string>();
  private readonly requests: {
    request: OperatorRequest;
    instant: number;
    refused: string | null;
    answered: boolean;
  }[] = [];

  constructor(readonly input: EnrolmentInput) {
    this.consumed = consumedAtEntry(input.trigger.ref);
  }

  /** Left, or about to: an exit that the lane has written counts, although the run has not been told. */
  get open(): boolean {
    return this.endedAt === null && this.exit === null;
  }

  get exitRequested(): boolean {
    return this.exit !== null;
  }

  get ended(): boolean {
    return this.endedAt !== null;
  }

  get leftAt(): number | null {
    return this.endedAt ?? this.exit?.ref.clock ?? null;
  }

  get deadline(): number | null {
    return this.wait?.deadline ?? null;
  }

  /** Asked for the seq it has, or an older one: the same command. For the next: that, if the current one has its outcome. */
  step(
    seq: number,
    present: Present,
  ): {
    readonly seq: number;
    readonly command: Command;
    readonly updates: readonly ProfileUpdate[];
  } {
    const { definition, trigger } = this.input;
    const updates = seq > this.seq ? this.goOn(present) : [];
    this.command ??= commandOf(definition, this.state, trigger);
    return { seq: this.seq, command: this.command, updates };
  }

  /** The lane writes an exit once; the first one counts. */
  requestExit(reason: string, ref: StampedRef): void {
    if (!this.ended) this.exit ??= { reason, ref };
  }

  reachGoals(ids: readonly string[], ref: StampedRef): void {
    for (const id of ids) if (!this.goals.has(id)) this.goals.set(id, ref);
  }

  /** The lane shows the open wait what happened; true when the run must be woken. */
  observe(happening: Happening): boolean {
    if (this.wait === null) return false;
    const before = this.wait;
    this.wait = watchWait(before, happening, this.input);
    return this.wait !== before;
  }

  /** The lane shows it what the person's clock has come to; true when the run must be woken. */
  replan(traits: Traits, ref: StampedRef): boolean {
    if (this.wait === null) return false;
    const before = this.wait;
    this.wait = replanWait(before, { ...this.input, traits }, ref);
    return this.wait !== before;
  }

  ask(request: OperatorRequest, instant: number): void {
    this.requests.push({ request, instant, refused: null, answered: false });
  }

  deliveryRow(key: string): DeliveryRow | undefined {
    return this.deliveries.get(key);
  }

  putDelivery(row: DeliveryRow): void {
    if (row.state === 'open' && row.blockedBy !== null)
      this.keptBy.set(row.delivery.key, row.blockedBy);
    this.deliveries.set(row.delivery.key, row);
  }

  result(): VirtualEnrolment {
    const { enrolmentId, customer, entryKey, definition, trigger } = this.input;
    const { place } = this.state;
    return {
      enrolmentId,
      journey: definition.key,
      customer,
      entryKey,
      enteredAt: trigger.ref.clock,
      trail: [...this.trail],
      state: this.state,
      outcome: place.kind === 'ended' ? place.outcome : null,
      goals: [...this.goals].map(([goalId, ref]) => ({ goalId, ref })),
      deliveries: [...this.deliveries.values()].map((row) => this.deliveryResult(row)),
      updates: [...this.updates],
      requests: this.requests
        .filter(({ answered }) => answered)
        .map(({ request, refused }) => ({ request, refused })),
    };
  }

  private deliveryResult(row: DeliveryRow): VirtualEnrolment['deliveries'][number] {
    const result = resultOf(row, this.ended);
    const keptBy = this.keptBy.get(row.delivery.key);
    return keptBy === undefined || result.blockedBy !== null ? result : { ...result, keptBy };
  }

  private goOn(present: Present): readonly ProfileUpdate[] {
    for (;;) {
      const input = chooseInput(this.state, this.pending(present));
      if (input === null) return [];
      const state = withDeadline(this.state, this.deadline);
      const next = advance(this.input.definition, state, input, present.view);
      this.answer(input, next.refused ?? null);
      if (next.refused !== undefined) {
        if (input.kind === 'operator') continue;
        throw new InvariantBroken(`a chosen ${input.kind} was refused: ${next.refused}`);
      }
      this.consume(input, present.lane);
      this.state = next.state;
      this.command = next.command;
      this.seq += 1;
      this.trail.push(...next.trail);
      this.updates.push(...next.updates);
      if (next.state.place.kind === 'ended') this.endedAt = input.instant;
      this.openWait(next.command, present);
      return next.updates;
    }
  }

  private pending({ passed }: Present): Pending {
    const { wait } = this;
    const request = this.requests.find(({ answered }) => !answered);
    return {
      exit: this.exit,
      wait:
        wait === null
          ? null
          : {
              fired: wait.fired,
              deadline: wait.deadline,
              passed: wait.deadline !== null && wait.deadline <= passed,
            },
      delivery: this.pendingDelivery(),
      request:
        request === undefined ? null : { request: request.request, instant: request.instant },
      enteredAt: this.input.trigger.ref.clock,
    };
  }

  private pendingDelivery(): Pending['delivery'] {
    const { place } = this.state;
    if (place.kind !== 'delivering') return null;
    const row = this.deliveries.get(`${this.input.enrolmentId}:${place.step}:${place.visit}`);
    if (row === undefined || row.state === 'open') return 'open';
    return row.state === 'under_way' ? 'under_way' : { outcome: row.outcome, instant: row.instant };
  }

  private answer(input: JourneyInput, refused: string | null): void {
    if (input.kind !== 'operator') return;
    const request = this.requests.find(({ answered }) => !answered);
    if (request !== undefined) Object.assign(request, { answered: true, refused });
  }

  /** Closing a wait moves the position to where it was decided; holding and resuming do not close it. */
  private consume(input: JourneyInput, lane: StampedRef): void {
    if (this.wait === null) return;
    if (input.kind === 'timeout') this.consumed = consumedUntil(this.consumed, input.instant);
    if (input.kind === 'fired' && this.wait.fired !== null)
      this.consumed = consumedBy(this.consumed, this.wait.fired.ref);
    if (input.kind === 'operator' && input.request.kind === 'skipWait')
      this.consumed = consumedBy(this.consumed, lane);
  }

  private openWait(command: Command, { applied }: Present): void {
    this.wait = null;
    if (command.kind !== 'wait' || this.state.place.kind !== 'waiting') return;
    const { step, subscriptions, deadline } = command;
    const blank: OpenWait = { step, subscriptions, deadline, restarts: 0, fired: null };
    this.wait = lookBack(blank, applied, { ...this.input, consumed: this.consumed });
  }
}

/** What a stop still kept back when the person left is closed as skipped. */
function resultOf(row: DeliveryRow, ended: boolean): VirtualEnrolment['deliveries'][number] {
  const { delivery } = row;
  switch (row.state) {
    case 'open':
      return ended
        ? { delivery, outcome: { kind: 'skipped', reason: 'exited' }, blockedBy: null }
        : { delivery, outcome: null, blockedBy: row.blockedBy };
    case 'under_way':
      return { delivery, outcome: null, blockedBy: null };
    case 'settled':
      return { delivery, outcome: row.outcome, blockedBy: null };
    default:
      return assertNever(row);
  }
}
