/** Journeys that the tests of this room walk through. */
import type { JsonObject } from '@throughline/domain/shared';

type Definition = JsonObject & { readonly key: string };

const COMMON = {
  trigger: { kind: 'event', event: 'Cart Updated' },
  entry: { reentry: 'perKey', path: 'cart_id', maxConcurrent: 10 },
  exits: [],
  goals: [],
  purpose: 'marketing',
  maxTriggerAge: 'PT1H',
  messageExpiry: 'PT6H',
} as const;

export const MAIL = {
  kind: 'message',
  channel: 'email',
  connection: 'mail',
  template: 'cart',
  next: 'end',
} as const;
export const END = { kind: 'exit', reason: 'completed' } as const;

/** Mails unless the cart was bought within the hour. */
export const CART: Definition = {
  ...COMMON,
  key: 'cart',
  name: 'Cart',
  start: 'wait',
  steps: {
    wait: {
      kind: 'waitFor',
      branches: [
        {
          id: 'bought',
          on: { kind: 'event', event: 'Order Completed', same: 'cart_id' },
          next: 'end',
        },
      ],
      timeout: { after: 'PT1H', next: 'mail' },
    },
    mail: MAIL,
    end: END,
  },
};

export const RESTARTING: Definition = {
  ...CART,
  key: 'restarting',
  steps: {
    wait: {
      kind: 'waitFor',
      branches: [
        {
          id: 'bought',
          on: { kind: 'event', event: 'Order Completed', same: 'cart_id' },
          next: 'end',
        },
      ],
      timeout: { after: 'PT1H', next: 'mail' },
      restartOnRepeat: true,
    },
    mail: MAIL,
    end: END,
  },
};

export const MAIL_ONLY: Definition = {
  ...COMMON,
  key: 'mail-only',
  name: 'Mail',
  start: 'mail',
  steps: { mail: MAIL, end: END },
};

export const MAIL_THEN_WAIT: Definition = {
  ...COMMON,
  key: 'mail-then-wait',
  name: 'Mail, then wait',
  start: 'mail',
  steps: {
    mail: { ...MAIL, next: 'wait', onError: 'sorry' },
    wait: {
      kind: 'waitFor',
      branches: [
        {
          id: 'bought',
          on: { kind: 'event', event: 'Order Completed', same: 'cart_id' },
          next: 'end',
        },
      ],
      timeout: { after: 'PT1H', next: 'end' },
    },
    sorry: { kind: 'exit', reason: 'failed' },
    end: END,
  },
};

export const TWO_WAITS: Definition = {
  ...COMMON,
  key: 'two-waits',
  name: 'Two waits',
  start: 'first',
  steps: {
    first: { kind: 'delay', duration: 'PT10M', next: 'second' },
    second: {
      kind: 'waitFor',
      branches: [{ id: 'bought', on: { kind: 'event', event: 'Order Completed' }, next: 'end' }],
      timeout: { after: 'PT10M', next: 'gone' },
    },
    gone: { kind: 'exit', reason: 'gone' },
    end: END,
  },
};

export const UPDATES: Definition = {
  ...COMMON,
  key: 'updates',
  name: 'Updates',
  start: 'mark',
  steps: {
    mark: {
      kind: 'updateProfile',
      traits: { abandoned: { $path: 'trigger.properties.cart_id' } },
      next: 'rest',
    },
    rest: { kind: 'delay', duration: 'PT1H', next: 'end' },
    end: END,
  },
};

export const HOOK: Definition = {
  ...COMMON,
  key: 'hook',
  name: 'Hook',
  start: 'post',
  steps: {
    post: {
      kind: 'sendToDestination',
      connection: 'hook',
      action: 'post',
      input: { event: 'cart.abandoned', body: { cart: { $path: 'trigger.properties.cart_id' } } },
      next: 'end',
    },
    end: END,
  },
};
