import { WorkspacesAndKeys0001 } from './0001-workspaces-and-keys.js';
import { LogAndLane0002 } from './0002-log-and-lane.js';
import { Customers0003 } from './0003-customers.js';
import { Definitions0004 } from './0004-definitions.js';
import { JourneysAndDeliveries0005 } from './0005-journeys-and-deliveries.js';
import { RowLevelSecurity0006 } from './0006-row-level-security.js';

/** Append-only, in order, listed by name: a folder glob would let a stale file in. */
export const MIGRATIONS = [
  WorkspacesAndKeys0001,
  LogAndLane0002,
  Customers0003,
  Definitions0004,
  JourneysAndDeliveries0005,
  RowLevelSecurity0006,
];
