/** The zod door of playbooks; the pure one is index.ts. */
export { openPlaybook, type OpenedPlaybook } from './playbook.schema.js';
export { parseScenarios } from './scenario.schema.js';
