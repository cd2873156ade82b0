/** A fact about who viewed and did not order, and its state after some steps. */
import type { AbsenceState } from '../../profiles/types.js';
import type { Json } from '../../shared/index.js';
import { noteAbsence } from '../absence.js';
import type { AbsenceFact } from '../types.js';

export const FACT: AbsenceFact = {
  key: 'it',
  kind: 'absence',
  event: 'Viewed',
  where: [],
  awaited: 'Ordered',
  awaitedWhere: [],
  same: 'id',
};

export type Step = readonly ['Viewed' | 'Ordered', Json | undefined, number];

export function after(steps: readonly Step[], given: AbsenceState = { k: {} }): AbsenceState {
  return steps.reduce<AbsenceState>((state, [name, id, eventTime]) => {
    const properties = id === undefined ? {} : { id };
    return noteAbsence(FACT, state, { name, properties, eventTime }) ?? state;
  }, given);
}
