/** The journeys that the races are run with, each begun by an event of its own. */
import type { JsonObject } from '@throughline/domain/shared';

type Definition = JsonObject & { readonly key: string };

const MAIL = {
  kind: 'message',
  channel: 'email',
  connection: 'mail',
  template: 'cart',
  next: 'end',
} as const;
const END = { kind: 'exit', reason: 'completed' } as const;

function journey(key: string, event: string, more: JsonObject): Definition {
  return {
    key,
    name: key,
    trigger: { kind: 'event', event },
    entry: { reentry: 'perKey', path: 'cart_id', maxConcurrent: 10 },
    exits: [],
    goals: [],
    purpose: 'marketing',
    maxTriggerAge: 'PT1H',
    messageExpiry: 'PT6H',
    ...more,
  };
}

function waitThenMail(after: string): JsonObject {
  return {
    start: 'wait',
    steps: {
      wait: {
        kind: 'waitFor',
        branches: [
          {
            id: 'bought',
            on: { kind: 'event', event: 'Order Completed', same: 'cart_id' },
            next: 'bought',
          },
        ],
        timeout: { after, next: 'mail' },
      },
      mail: MAIL,
      bought: { kind: 'exit', reason: 'bought' },
      end: END,
    },
  };
}

/** Mails unless the cart was bought within three seconds. */
export const CART = journey('cart', 'Cart Updated', waitThenMail('PT3S'));
/** The same within the hour: nobody sees its deadline. */
export const PATIENT = journey('patient', 'Wish Added', waitThenMail('PT1H'));
/** Mails at once. */
export const WELCOME = journey('welcome', 'Signed Up', {
  start: 'mail',
  steps: { mail: MAIL, end: END },
});
/** Left by an order, wherever one stands in it. */
export const LEAVING = journey('leaving', 'Trial Begun', {
  start: 'rest',
  steps: { rest: { kind: 'delay', duration: 'PT1H', next: 'mail' }, mail: MAIL, end: END },
  exits: [{ kind: 'event', event: 'Order Completed', id: 'ordered' }],
});

/** Ends at once with a reason that tells the version. */
export function versioned(reason: string): Definition {
  return journey('versioned', 'Versioned', {
    start: 'end',
    steps: { end: { kind: 'exit', reason } },
  });
}
