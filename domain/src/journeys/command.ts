import { assertNever, InvariantBroken } from '../shared/index.js';
import { shorten } from './describe.js';
import { stepAt } from './lookup.js';
import { heldAt } from './place.js';
import { behaviourOf } from './steps/index.js';
import type { DeliveringStep, WaitingStep } from './steps/behaviour.js';
import type { Command, HeldFrom, JourneyDefinition, RunState, TriggerContext } from './types.js';

/** The command that belongs to a place. The same place gives the same command, so it can be asked for again at any time. */
export function commandOf(
  definition: JourneyDefinition,
  state: RunState,
  trigger: TriggerContext,
): Command {
  const { place } = state;
  switch (place.kind) {
    case 'entering':
      return idle(definition.start, 0, 'about to enter');
    case 'waiting': {
      const { step, visit, deadline } = place;
      const { subscriptions, summary } = waitingStep(definition, step);
      return {
        kind: 'wait',
        step,
        visit,
        deadline,
        subscriptions: subscriptions(trigger),
        summary,
      };
    }
    case 'delivering': {
      const { step, visit, expiresAt } = place;
      const { connection, action, summary } = deliveringStep(definition, step);
      return { kind: 'deliver', step, visit, connection, action, expiresAt, summary };
    }
    case 'held': {
      const { step, visit } = heldAt(place.from, state.visits);
      return idle(step, visit, describeHeld(place.reason, place.from));
    }
    case 'ended':
      return { kind: 'end', outcome: place.outcome };
    default:
      return assertNever(place);
  }
}

export function waitingStep(definition: JourneyDefinition, id: string): WaitingStep {
  const behaviour = behaviourOf(stepAt(definition, id));
  if (behaviour.mode !== 'waits')
    throw new InvariantBroken(`a run waits at ${id}, which is no wait`);
  return behaviour;
}

export function deliveringStep(definition: JourneyDefinition, id: string): DeliveringStep {
  const behaviour = behaviourOf(stepAt(definition, id));
  if (behaviour.mode !== 'delivers')
    throw new InvariantBroken(`a run delivers at ${id}, which does not`);
  return behaviour;
}

/** Waits for an operator or an exit only. */
function idle(step: string, visit: number, summary: string): Command {
  return { kind: 'wait', step, visit, deadline: null, subscriptions: [], summary };
}

/** An operator's reason is free text and may name a person, so only the codes of failures are shown. */
function describeHeld(reason: string, from: HeldFrom): string {
  return from.kind === 'failed'
    ? shorten(`held at ${from.step}: ${reason}`)
    : `held at ${from.step}`;
}
