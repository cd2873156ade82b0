/** Journeys that real runs walk through: waits of an hour that are skipped or fired, and one of a second that is not. */
import {
  CART,
  END,
  HOOK,
  MAIL,
  MAIL_ONLY,
  MAIL_THEN_WAIT,
} from '../../../store/src/journeys/testing/definitions.js';

export const WAITING = { ...CART, key: 'waiting' };
export const SHORT_WAIT = {
  ...CART,
  key: 'short-wait',
  steps: {
    mail: MAIL,
    end: END,
    wait: {
      kind: 'waitFor',
      branches: [
        {
          id: 'bought',
          on: { kind: 'event', event: 'Order Completed', same: 'cart_id' },
          next: 'end',
        },
      ],
      timeout: { after: 'PT1S', next: 'mail' },
    },
  },
};
export const MAIL_JOURNEY = { ...MAIL_ONLY, key: 'mail' };
export const HOOK_JOURNEY = HOOK;
export { MAIL_THEN_WAIT };
