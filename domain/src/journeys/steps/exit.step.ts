import { defineStep } from './behaviour.js';

/** The end of a path. */
export const exitStep = defineStep('exit', {
  behaviour: (step) => ({ mode: 'ends', reason: step.reason }),
  outline: () => ({ ends: true }),
});
