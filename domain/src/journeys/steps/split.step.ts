import { isMember } from '../../segments/index.js';
import { defineStep } from './behaviour.js';
import { edge } from './outline.js';

const ELSE_BRANCH = 'else';

/** Conditions in order; the first that holds now decides. */
export const splitStep = defineStep('split', {
  behaviour: (step) => ({
    mode: 'passes',
    pass: (view, { instant }) => {
      const met = step.branches.find(({ when }) => isMember(when, view, instant));
      return {
        next: met?.next ?? step.else,
        trail: { kind: 'branched', detail: { branch: met?.id ?? ELSE_BRANCH } },
      };
    },
  }),
  outline: (step) => ({
    edges: [
      ...step.branches.flatMap(({ next }, index) => edge(`branches.${index}.next`, next, true)),
      ...edge('else', step.else, true),
    ],
    branchIds: step.branches.map(({ id }, index) => ({ path: `branches.${index}.id`, id })),
    conditions: step.branches.map(({ when }, index) => ({
      path: `branches.${index}.when`,
      condition: when,
    })),
  }),
});
