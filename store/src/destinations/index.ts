export { beginSending, releaseDelivery, reserveDelivery } from './deliveries.js';
export { addressHash, normaliseAddress } from './hashes.js';
export { noteConnectionHealth, settleDelivery } from './settle.js';
export type {
  ConnectionFacts,
  Content,
  DeliveryRequest,
  Go,
  IdempotencyOf,
  Reservation,
  Settlement,
  Ticket,
} from './types.js';
