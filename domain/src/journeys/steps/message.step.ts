import { TRANSACTIONAL } from '../clock.js';
import { shorten } from '../describe.js';
import type { MessageStep } from '../types.js';
import { defineStep } from './behaviour.js';
import { edge } from './outline.js';
import { firstConnection, routesOf } from './routes.js';

/** What a connection's action is called that carries a channel's messages. */
const CHANNEL_ACTIONS: Readonly<Record<MessageStep['channel'], string>> = {
  email: 'send',
  sms: 'send',
  push: 'send',
};
const CHANNEL_WORDS: Readonly<Record<MessageStep['channel'], string>> = {
  email: 'e-mail',
  sms: 'text message',
  push: 'push',
};

const DEFAULT_CLASS = 'marketing';

/** What frequency caps count a message as. */
export function classOf(step: Pick<MessageStep, 'class'>): string {
  return step.class ?? DEFAULT_CLASS;
}

/** A rendered template to the person. */
export const messageStep = defineStep('message', {
  behaviour: (step) => ({
    mode: 'delivers',
    connection: firstConnection(step),
    action: CHANNEL_ACTIONS[step.channel],
    next: step.next,
    onError: step.onError ?? null,
    onUnknown: step.onUnknown ?? step.next,
    quietable: classOf(step) !== TRANSACTIONAL,
    summary: shorten(
      `${CHANNEL_WORDS[step.channel]} · ${step.template} → ${firstConnection(step)}`,
    ),
  }),
  outline: (step) => ({
    edges: [
      ...edge('next', step.next, true),
      ...edge('onError', step.onError, true),
      ...edge('onUnknown', step.onUnknown, true),
    ],
    connection: firstConnection(step),
    others: routesOf(step).slice(1),
    template: step.template,
    speaks: true,
  }),
});
