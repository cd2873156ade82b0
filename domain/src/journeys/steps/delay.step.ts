import { describeWait } from '../describe.js';
import { lengthOf } from '../lookup.js';
import { defineStep } from './behaviour.js';
import { edge } from './outline.js';

/** Elapsed time, counted from the input that led here. */
export const delayStep = defineStep('delay', {
  behaviour: (step) => ({
    mode: 'waits',
    lastsMs: lengthOf(step.duration),
    alreadyAt: () => null,
    subscriptions: () => [],
    branches: new Map(),
    timeout: step.next,
    restartsOnRepeat: false,
    summary: describeWait(lengthOf(step.duration), []),
  }),
  outline: (step) => ({
    edges: edge('next', step.next, false),
    lengths: [{ path: 'duration', duration: step.duration }],
  }),
});
