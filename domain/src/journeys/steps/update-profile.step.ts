import { resolveObject } from '../resolve-value.js';
import { defineStep } from './behaviour.js';
import { edge } from './outline.js';

/** Traits go through the log like everybody else's; the trail names them and holds no value. */
export const updateProfileStep = defineStep('updateProfile', {
  behaviour: (step) => ({
    mode: 'passes',
    pass: (view) => {
      const traits = resolveObject(step.traits, view);
      return {
        next: step.next,
        // In an order of their own: a definition that has been stored has lost the one it was written in.
        trail: { kind: 'updated', detail: { traits: Object.keys(traits).sort() } },
        traits,
      };
    },
  }),
  outline: (step) => ({
    edges: edge('next', step.next, true),
    values: [{ path: 'traits', value: step.traits }],
  }),
});
