import type { JsonObject, StampedRef } from '../../shared/index.js';
import type { Happening, JourneyDefinition, Step, StepView, TriggerContext } from '../types.js';

/** Builders for tests: each gives something lawful, and takes what the test is about. */

export const NOON = 1_767_268_800_000;

export function ref(position = 1, clock = NOON, ordinal = 0): StampedRef {
  return { position, ordinal, clock };
}

export function event(
  name: string,
  properties: JsonObject = {},
  over: Partial<Happening & { kind: 'event' }> = {},
): Happening & { kind: 'event' } {
  const at = over.ref ?? ref(2);
  return {
    kind: 'event',
    name,
    properties,
    eventTime: at.clock,
    messageId: 'm',
    ref: at,
    imported: false,
    ...over,
  };
}

export function change(
  segment: string,
  to: 'entered' | 'left',
  at = ref(2),
): Happening & { kind: 'segment' } {
  return { kind: 'segment', segment, change: to, ref: at, imported: false };
}

export function trigger(properties: JsonObject = { cart_id: 'c1' }): TriggerContext {
  return { name: 'Cart Updated', properties, eventTime: NOON, messageId: 'm1', ref: ref(1) };
}

export function view(over: Partial<StepView> = {}): StepView {
  return {
    customerId: 'c-ada',
    traits: {},
    facts: {},
    segments: new Set(),
    trigger: trigger(),
    ...over,
  };
}

export function journey(
  steps: Readonly<Record<string, Step>>,
  over: Partial<JourneyDefinition> = {},
): JourneyDefinition {
  return {
    key: 'cart',
    name: 'Cart reminder',
    trigger: { kind: 'event', event: 'Cart Updated' },
    entry: { reentry: 'perKey', path: 'cart_id', maxConcurrent: 5 },
    start: Object.keys(steps)[0] ?? 'none',
    steps,
    exits: [],
    goals: [],
    purpose: 'marketing',
    maxTriggerAge: 'PT1H',
    messageExpiry: 'PT6H',
    ...over,
  };
}

export const DONE: Step = { kind: 'exit', reason: 'completed' };

export function mail(next: string, over: { onError?: string; onUnknown?: string } = {}): Step {
  return {
    kind: 'message',
    channel: 'email',
    connection: 'shop-mail',
    template: 'cart_reminder',
    next,
    ...over,
  };
}

/** Four hours for the order of the same cart, else a mail. */
export function cartJourney(over: Partial<JourneyDefinition> = {}): JourneyDefinition {
  return journey(
    {
      wait: {
        kind: 'waitFor',
        branches: [
          {
            id: 'ordered',
            on: { kind: 'event', event: 'Order Completed', same: 'cart_id' },
            next: 'bought',
          },
        ],
        timeout: { after: 'PT4H', next: 'remind' },
        restartOnRepeat: true,
      },
      remind: mail('done'),
      bought: { kind: 'exit', reason: 'ordered' },
      done: DONE,
    },
    over,
  );
}
