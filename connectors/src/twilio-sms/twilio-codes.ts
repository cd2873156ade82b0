/** What Twilio's error codes mean for a message; twilio.com/docs/api/errors lists them. */
import { configFault, itemFault, retryable, type DeliveryFault } from '../kit/faults.js';

/** Not a number, no mobile phone, a landline, nobody there, or its owner has said STOP: nothing will ever arrive. */
const DEAD_ADDRESS = new Set([21211, 21610, 21614, 30005, 30006]);
/** The sender of the connection is none that this account may use. */
const SENDER = new Set([21212, 21603, 21606, 21659, 21660, 21701, 21703, 21704]);
/** Twilio's own queue is full. */
const LATER = new Set([21611, 30001, 30022]);
/** The content is what is refused. */
const CONTENT = new Set([21602, 21617, 30007]);
const AUTH = new Set([20003]);

export function isDeadAddress(code: number): boolean {
  return DEAD_ADDRESS.has(code);
}

/** Undefined: the code says no more than the status does. */
export function faultOfCode(code: number, message: string): DeliveryFault | undefined {
  if (isDeadAddress(code)) {
    return { class: 'invalidItem', code: 'hard_bounce', message, permanentAddress: true };
  }
  if (SENDER.has(code)) return configFault('sender_refused', message);
  if (LATER.has(code)) return retryable('temporarily_refused', message);
  if (CONTENT.has(code)) return itemFault('message_refused', message);
  return AUTH.has(code) ? { class: 'authInvalid', code: 'auth_invalid', message } : undefined;
}
