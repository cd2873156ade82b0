import { assertNever } from '../shared/index.js';
import { commandOf, deliveringStep, waitingStep } from './command.js';
import { HELD_OUT, isHeldOut } from './lots.js';
import { outcomeOf } from './outcome.js';
import { operate, type Refusal } from './operate.js';
import { standsAt } from './place.js';
import { Walk, type Scene } from './walk.js';
import type {
  Advance,
  JourneyDefinition,
  JourneyInput,
  Place,
  RunState,
  StepView,
} from './types.js';

type ExitInput = JourneyInput & { readonly kind: 'exit' };

/** Where every run begins. */
export function initialState(): RunState {
  return { place: { kind: 'entering' }, visits: {}, taken: 0 };
}

/**
 * The step machine: what a run does when it is told something. Pure, so that production, the simulator and tests agree. It runs
 * through all steps that take no time and comes to stand at a wait, a delivery, a hold or the end. An input that does not fit the
 * place is refused: state and command are the old ones, to the letter.
 */
export function advance(
  definition: JourneyDefinition,
  state: RunState,
  input: JourneyInput,
  view: StepView,
): Advance {
  const scene: Scene = { definition, view, instant: input.instant };
  const walk = new Walk(scene, state);
  const refusal = state.place.kind === 'ended' ? 'ended' : apply(walk, state, input, scene);
  if (refusal === null) return walk.finish();
  return {
    state,
    command: commandOf(definition, state, view.trigger),
    trail: [],
    updates: [],
    refused: refusal,
  };
}

/** The state with the deadline that its wait has come to: restartOnRepeat moves it while the run sleeps. */
export function withDeadline(state: RunState, deadline: number | null): RunState {
  const { place } = state;
  if (place.kind !== 'waiting' || place.deadline === deadline) return state;
  return { ...state, place: { ...place, deadline } };
}

function apply(
  walk: Walk,
  state: RunState,
  input: JourneyInput,
  { definition, view }: Scene,
): Refusal {
  const { place } = state;
  switch (input.kind) {
    case 'enter':
      if (place.kind !== 'entering') return 'already_entered';
      walk.note('entered', null, { trigger: view.trigger.name });
      // Decided by the first step and not by the lane, so that both hosts leave people out alike and their goals are counted.
      if (isHeldOut(definition, view.customerId)) walk.end(HELD_OUT, null);
      else walk.goTo(definition.start);
      return null;
    case 'fired':
      return fire(walk, place, input.branch, definition);
    case 'timeout':
      if (place.kind !== 'waiting') return 'not_waiting';
      walk.note('timed_out', place);
      walk.goTo(waitingStep(definition, place.step).timeout);
      return null;
    case 'delivered':
      if (place.kind !== 'delivering') return 'not_delivering';
      walk.settle(place, input.outcome, deliveringStep(definition, place.step));
      return null;
    case 'exit':
      return exit(walk, state, input);
    case 'operator':
      return operate(walk, state, input.request, definition);
    default:
      return assertNever(input);
  }
}

function fire(walk: Walk, place: Place, branch: string, definition: JourneyDefinition): Refusal {
  if (place.kind !== 'waiting') return 'not_waiting';
  const next = waitingStep(definition, place.step).branches.get(branch);
  if (next === undefined) return 'no_such_branch';
  walk.note('fired', place, { branch });
  walk.go(next, place);
  return null;
}

/** From any place. Where a delivery had just settled, the trail tells its outcome, and nothing comes after it. */
function exit(walk: Walk, state: RunState, { reason, outcome }: ExitInput): Refusal {
  if (outcome !== undefined) {
    if (state.place.kind !== 'delivering') return 'not_delivering';
    walk.noteOutcome(state.place, outcome);
  }
  walk.end(outcomeOf(reason), standsAt(state));
  return null;
}
