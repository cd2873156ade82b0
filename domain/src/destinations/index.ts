export type * from './types.js';
export { decideSend, MAX_LANE_LAG_MS } from './decide-send.js';
