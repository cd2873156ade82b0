import { assertNever } from '../shared/index.js';
import { countOf } from './lookup.js';
import type { HeldFrom, RunState } from './types.js';

/** One passage through a step. */
export interface Spot {
  readonly step: string;
  readonly visit: number;
}

/** The step at which a run stands; null before the first and after the last. */
export function standsAt({ place, visits }: RunState): Spot | null {
  switch (place.kind) {
    case 'entering':
    case 'ended':
      return null;
    case 'waiting':
    case 'delivering':
      return { step: place.step, visit: place.visit };
    case 'held':
      return heldAt(place.from, visits);
    default:
      return assertNever(place);
  }
}

/** A run that is held before a step has the visits of its past passages only. */
export function heldAt(from: HeldFrom, visits: RunState['visits']): Spot {
  return { step: from.step, visit: from.kind === 'at' ? countOf(visits, from.step) : from.visit };
}
