import { assertNever, InvariantBroken, type JsonObject } from '../shared/index.js';
import { hoursOver, zoneOf } from './clock.js';
import { commandOf } from './command.js';
import { countOf, findStep, lengthOf } from './lookup.js';
import { outcomeOf } from './outcome.js';
import { heldAt, type Spot } from './place.js';
import { behaviourOf } from './steps/index.js';
import type { DeliveringStep, Here, StepBehaviour, WaitingStep, Way } from './steps/behaviour.js';
import type {
  Advance,
  DeliveryOutcome,
  HeldFrom,
  JourneyDefinition,
  Place,
  ProfileUpdate,
  RunState,
  StepView,
  TrailEntry,
  TrailKind,
} from './types.js';

/** Longer in one advance is a loop without a wait; loops with waits may go on for years, but not for ever. */
export const MAX_INSTANT_STEPS = 100;
export const MAX_VISITS = 1_000;

export interface Scene {
  readonly definition: JourneyDefinition;
  readonly view: StepView;
  readonly instant: number; // ms on the lane's clock
}

/** One advance in the making: changes its own copy of the state and writes the trail as it goes. */
export class Walk {
  private place: Place;
  private taken: number;
  private visits: Readonly<Record<string, number>>;
  private readonly trail: TrailEntry[] = [];
  private readonly updates: ProfileUpdate[] = [];

  constructor(
    private readonly scene: Scene,
    state: RunState,
  ) {
    this.place = state.place;
    this.taken = state.taken;
    this.visits = state.visits;
  }

  /** Enters a step and runs through all that take no time, to the next wait, delivery, end or hold. */
  goTo(step: string): void {
    let next: string | null = step;
    for (let count = 0; next !== null; count += 1) {
      if (count >= MAX_INSTANT_STEPS || countOf(this.visits, next) >= MAX_VISITS) {
        this.hold('too_many_steps', { kind: 'at', step: next });
        return;
      }
      next = this.enter(next);
    }
  }

  /** The way that a wait's branch leads. */
  go(way: Way, spot: Spot): void {
    const next = this.take(way, spot);
    if (next !== null) this.goTo(next);
  }

  /** What came of a delivery, and where it leads. */
  settle({ step: id, visit }: Spot, outcome: DeliveryOutcome, step: DeliveringStep): void {
    const spot = { step: id, visit };
    this.noteOutcome(spot, outcome);
    switch (outcome.kind) {
      case 'accepted':
        this.goTo(step.next);
        return;
      case 'skipped':
        if (outcome.reason === 'exited') this.end(outcomeOf('exited'), spot);
        else this.goTo(step.next);
        return;
      case 'failed':
        if (step.onError === null) this.hold(outcome.code, { kind: 'failed', ...spot });
        else this.goTo(step.onError);
        return;
      case 'unknown':
        this.goTo(step.onUnknown);
        return;
      default:
        assertNever(outcome);
    }
  }

  noteOutcome(spot: Spot, outcome: DeliveryOutcome): void {
    switch (outcome.kind) {
      case 'accepted':
        this.note('sent', spot);
        return;
      case 'skipped':
        this.note('skipped', spot, { reason: outcome.reason });
        return;
      case 'failed':
        this.note('failed', spot, { code: outcome.code });
        return;
      case 'unknown':
        this.note('unknown', spot);
        return;
      default:
        assertNever(outcome);
    }
  }

  hold(reason: string, from: HeldFrom): void {
    this.place = { kind: 'held', reason, from };
    this.note('held', heldAt(from, this.visits), { reason });
  }

  /** Back to the same wait with the same deadline, or on to the step before which the run was held. */
  resume(from: Exclude<HeldFrom, { readonly kind: 'failed' }>): void {
    this.note('resumed', heldAt(from, this.visits));
    if (from.kind === 'waiting') this.place = from;
    else this.goTo(from.step);
  }

  end(outcome: string, spot: Spot | null): void {
    this.place = { kind: 'ended', outcome };
    this.note('ended', spot, { outcome });
  }

  note(kind: TrailKind, spot: Spot | null, detail: JsonObject = {}): void {
    const { instant } = this.scene;
    this.trail.push({
      kind,
      step: spot?.step ?? null,
      visit: spot?.visit ?? null,
      at: instant,
      detail,
    });
  }

  finish(): Advance {
    const { definition, view } = this.scene;
    const state: RunState = { place: this.place, visits: this.visits, taken: this.taken };
    return {
      state,
      command: commandOf(definition, state, view.trigger),
      trail: this.trail,
      updates: this.updates,
    };
  }

  /** One step; answers where to go at once, or null where the run comes to stand. */
  private enter(step: string): string | null {
    const found = findStep(this.scene.definition, step);
    if (found === undefined) {
      this.hold('unknown_step', { kind: 'at', step });
      return null;
    }
    const visit = countOf(this.visits, step) + 1;
    this.visits = { ...this.visits, [step]: visit };
    this.taken += 1;
    this.note('stepped', { step, visit }, { kind: found.kind });
    return this.begin({ step, visit }, behaviourOf(found));
  }

  private begin(spot: Spot, behaviour: StepBehaviour): string | null {
    switch (behaviour.mode) {
      case 'passes': {
        const { next, trail, traits } = behaviour.pass(this.scene.view, this.at(spot));
        this.note(trail.kind, spot, trail.detail);
        if (traits !== undefined) this.updates.push({ ...spot, traits });
        return next;
      }
      case 'waits':
        return this.wait(spot, behaviour);
      case 'delivers':
        this.place = {
          kind: 'delivering',
          ...spot,
          expiresAt: this.expiry(behaviour),
        };
        return null;
      case 'ends':
        this.end(outcomeOf(behaviour.reason), spot);
        return null;
      default:
        return assertNever(behaviour);
    }
  }

  private wait(spot: Spot, { plan, branches }: WaitingStep): string | null {
    const planned = plan(this.scene.view, this.at(spot));
    if (planned.kind === 'branch') {
      const { branch } = planned;
      this.note('fired', spot, { branch, already: true });
      return this.take(branches.get(branch) ?? broken(branch), spot);
    }
    const { deadline } = planned;
    this.place = { kind: 'waiting', ...spot, deadline };
    this.note('waiting', spot, { deadline });
    return null;
  }

  private take(way: Way, spot: Spot): string | null {
    if (way.kind === 'step') return way.step;
    this.end(outcomeOf(way.reason), spot);
    return null;
  }

  private at({ step }: Spot): Here {
    const { definition, instant } = this.scene;
    return { definition, step, instant };
  }

  /** Quiet hours do not count against a message that they keep waiting from the beginning. */
  private expiry({ quietable }: DeliveringStep): number {
    const { definition, instant, view } = this.scene;
    const { quietHours } = definition;
    const from =
      quietable && quietHours !== undefined
        ? hoursOver(quietHours, instant, zoneOf(view.traits, definition))
        : instant;
    return from + lengthOf(definition.messageExpiry);
  }
}

function broken(branch: string): never {
  throw new InvariantBroken(`a step answered with a branch that it has not: ${branch}`);
}
