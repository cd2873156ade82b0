import { advance, initialState } from '../advance.js';
import type {
  Advance,
  DeliveryOutcome,
  JourneyDefinition,
  JourneyInput,
  OperatorRequest,
  RunState,
} from '../types.js';
import { NOON, view } from './builders.js';

/** Tells the machine things one after the other, all on one afternoon. */

export const HOUR = 3_600_000;

export function tell(definition: JourneyDefinition, state: RunState, input: JourneyInput): Advance {
  return advance(definition, state, input, view());
}

/** Enters and plays inputs; refusals keep the state. */
export function play(definition: JourneyDefinition, ...inputs: readonly JourneyInput[]): Advance {
  let last = tell(definition, initialState(), { kind: 'enter', instant: NOON });
  for (const input of inputs) last = tell(definition, last.state, input);
  return last;
}

export const timeout: JourneyInput = { kind: 'timeout', instant: NOON + 4 * HOUR };

export function delivered(outcome: DeliveryOutcome): JourneyInput {
  return { kind: 'delivered', outcome, instant: NOON + 4 * HOUR + 7 };
}

export function ask(request: OperatorRequest, instant = NOON + 5): JourneyInput {
  return { kind: 'operator', request, instant };
}

export function trailOf({ trail }: Advance): unknown {
  return trail.map(({ kind, step, visit, at, detail }) => [kind, step, visit, at, detail]);
}
