import { assertNever } from '../shared/index.js';
import { waitingStep } from './command.js';
import { outcomeOf } from './outcome.js';
import { standsAt } from './place.js';
import type { JourneyDefinition, OperatorRequest, Place, RunState } from './types.js';
import type { Walk } from './walk.js';

/** Why a request does not apply here; null: it was carried out. */
export type Refusal = string | null;

/** What operators may do to one enrolment. A request that comes too late is refused and changes nothing. */
export function operate(
  walk: Walk,
  state: RunState,
  request: OperatorRequest,
  definition: JourneyDefinition,
): Refusal {
  const { place } = state;
  const spot = standsAt(state);
  switch (request.kind) {
    case 'skipWait':
      if (!isAt(place, request)) return place.kind === 'held' ? 'held' : 'not_waiting_there';
      walk.note('operated', place, { request: 'skipWait' });
      walk.goTo(waitingStep(definition, place.step).timeout);
      return null;
    case 'forceExit':
      walk.note('operated', spot, { request: 'forceExit' });
      walk.end(outcomeOf(request.reason), spot);
      return null;
    case 'hold':
      return hold(walk, place, request.reason, definition.start);
    case 'resume':
      return resume(walk, place);
    case 'retryStep':
      if (place.kind !== 'held' || place.from.kind !== 'failed') return 'not_failed';
      walk.note('operated', place.from, { request: 'retryStep' });
      walk.goTo(place.from.step);
      return null;
    default:
      return assertNever(request);
  }
}

function isAt(
  place: Place,
  { step, visit }: { readonly step: string; readonly visit: number },
): place is Place & { readonly kind: 'waiting' } {
  return place.kind === 'waiting' && place.step === step && place.visit === visit;
}

/** A delivery that has begun cannot be kept from its outcome, so there is nothing to hold. */
function hold(walk: Walk, place: Place, reason: string, start: string): Refusal {
  switch (place.kind) {
    case 'entering':
      walk.hold(reason, { kind: 'at', step: start });
      return null;
    case 'waiting':
      walk.hold(reason, place);
      return null;
    case 'delivering':
    case 'held':
    case 'ended':
      return place.kind;
    default:
      return assertNever(place);
  }
}

/** A failed delivery is not resumed past: retryStep opens a new visit, forceExit ends it. */
function resume(walk: Walk, place: Place): Refusal {
  if (place.kind !== 'held') return 'not_held';
  const { from } = place;
  switch (from.kind) {
    case 'waiting':
    case 'at':
      walk.resume(from);
      return null;
    case 'failed':
      return 'failed';
    default:
      return assertNever(from);
  }
}
