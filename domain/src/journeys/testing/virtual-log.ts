import { InvariantBroken, type JsonObject } from '../../shared/index.js';
import { runVirtually } from '../virtual-host.js';
import type {
  CustomerHappening,
  VirtualEnrolment,
  VirtualInput,
  VirtualResult,
} from '../virtual-world.js';
import type { Happening } from '../types.js';
import { cartJourney, event, NOON } from './builders.js';
import { HOUR } from './play.js';

/** Short ways to write a log of one customer, Ada, and to read what came of it. */

type Named = readonly [string, JsonObject];

/** Inputs at so many ms after noon, in this order; the position is the place in the list. */
export function logOf(
  ...inputs: readonly (readonly [number, Happening | Named])[]
): readonly CustomerHappening[] {
  return inputs.map(([afterMs, what], index) => {
    const ref = { position: index + 1, ordinal: 0, clock: NOON + afterMs };
    const happening = isNamed(what) ? event(what[0], what[1], { ref }) : { ...what, ref };
    return { customer: 'ada', happening };
  });
}

function isNamed(what: Happening | Named): what is Named {
  return Array.isArray(what);
}

export const cart = (id = 'c1'): Named => ['Cart Updated', { cart_id: id }];
export const order = (id = 'c1'): Named => ['Order Completed', { cart_id: id }];

/** A day of the cart journey, unless the test says otherwise. */
export function run(input: Partial<VirtualInput> & Pick<VirtualInput, 'log'>): VirtualResult {
  return runVirtually({ definitions: [cartJourney()], until: NOON + 24 * HOUR, ...input });
}

export function only({ enrolments }: VirtualResult): VirtualEnrolment {
  const [first, ...rest] = enrolments;
  if (first === undefined || rest.length > 0) {
    throw new InvariantBroken(`${enrolments.length} enrolments instead of one`);
  }
  return first;
}

/** `sent remind +14400000`: kind, step, ms after noon. */
export function story({ trail }: VirtualEnrolment): readonly string[] {
  return trail.map(({ kind, step, at }) => `${kind} ${step ?? '-'} +${at - NOON}`);
}
