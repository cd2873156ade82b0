import { shorten } from '../describe.js';
import { defineStep } from './behaviour.js';
import { edge } from './outline.js';

/** Any action of a connection. Its input is resolved when it is carried out, so that the command stays small. */
export const sendToDestinationStep = defineStep('sendToDestination', {
  behaviour: (step) => ({
    mode: 'delivers',
    connection: step.connection,
    action: step.action,
    next: step.next,
    onError: step.onError ?? null,
    onUnknown: step.onUnknown ?? step.next,
    quietable: false,
    summary: shorten(`${step.action} → ${step.connection}`),
  }),
  outline: (step) => ({
    edges: [
      ...edge('next', step.next, true),
      ...edge('onError', step.onError, true),
      ...edge('onUnknown', step.onUnknown, true),
    ],
    connection: step.connection,
    values: [{ path: 'input', value: step.input }],
  }),
});
