export type * from './audience-types.js';
export type * from './types.js';
export { audienceInput, audienceKeys, planAudience } from './audience-plan.js';
export { capHorizonMs, decideCap } from './caps.js';
export { consentAsked } from './consent-asked.js';
export { decideSend, MAX_LANE_LAG_MS } from './decide-send.js';
export { addressOn, type Contact } from './address-on.js';
export { nextRoute, type Trial } from './next-route.js';
