export { beginSending, releaseDelivery, reserveDelivery } from './deliveries.js';
export { addressHash } from './hashes.js';
export { noteConnectionHealth, settleDelivery } from './settle.js';
export type { Settlement, Ticket } from './types.js';
