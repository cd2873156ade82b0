export type * from './types.js';
export { capHorizonMs, decideCap } from './caps.js';
export { consentAsked } from './consent-asked.js';
export { decideSend, MAX_LANE_LAG_MS } from './decide-send.js';
