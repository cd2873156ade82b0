import { InvariantBroken } from '../../shared/index.js';
import { drawBranch } from '../lots.js';
import type { RandomSplitStep } from '../types.js';
import { defineStep, type Here } from './behaviour.js';
import { edge } from './outline.js';

/** By lot, and the same lot for the same person for ever. */
export const randomSplitStep = defineStep('randomSplit', {
  behaviour: (step) => ({
    mode: 'passes',
    pass: ({ customerId }, here) => {
      const drawn = drawBranch(step.branches, { customerId, salt: saltOf(step, here) });
      if (drawn === undefined) throw new InvariantBroken(`no branch of ${here.step} has a weight`);
      return { next: drawn.next, trail: { kind: 'branched', detail: { branch: drawn.id } } };
    },
  }),
  outline: (step) => ({
    edges: step.branches.flatMap(({ next }, index) => edge(`branches.${index}.next`, next, true)),
    branchIds: step.branches.map(({ id }, index) => ({ path: `branches.${index}.id`, id })),
  }),
});

function saltOf({ salt }: RandomSplitStep, { definition, step }: Here): string {
  return salt ?? `${definition.key}/${step}`;
}
