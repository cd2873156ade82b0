export { fill } from './fill.js';
export { missingFor } from './missing.js';
export { runScenario } from './run-scenario.js';
export type {
  Missing,
  NeededEvent,
  Needs,
  Parameter,
  Playbook,
  Present,
  Settings,
} from './types.js';
export type { Scenario, Scenarios } from './scenario.schema.js';
