import { WorkspacesAndKeys0001 } from './0001-workspaces-and-keys.js';
import { LogAndLane0002 } from './0002-log-and-lane.js';
import { Customers0003 } from './0003-customers.js';
import { Definitions0004 } from './0004-definitions.js';
import { JourneysAndDeliveries0005 } from './0005-journeys-and-deliveries.js';
import { RowLevelSecurity0006 } from './0006-row-level-security.js';
import { TimeAndCommands0007 } from './0007-time-and-commands.js';
import { SegmentReading0008 } from './0008-segment-reading.js';
import { JourneyGuards0009 } from './0009-journey-guards.js';
import { Imports0010 } from './0010-imports.js';
import { IdentityRules0011 } from './0011-identity-rules.js';
import { Reconcile0012 } from './0012-reconcile.js';
import { Privacy0013 } from './0013-privacy.js';
import { Simulations0014 } from './0014-simulations.js';
import { ProfileSearch0015 } from './0015-profile-search.js';
import { InlineProfiles0016 } from './0016-inline-profiles.js';
import { Predictions0017 } from './0017-predictions.js';
import { Audiences0018 } from './0018-audiences.js';
import { Recommendations0019 } from './0019-recommendations.js';
import { RoutesAndReceipts0020 } from './0020-routes-and-receipts.js';
import { Coupons0021 } from './0021-coupons.js';
import { ConnectionTokens0022 } from './0022-connection-tokens.js';
import { WholeMilliseconds0023 } from './0023-whole-milliseconds.js';

/** Append-only, in order, listed by name: a folder glob would let a stale file in. */
export const MIGRATIONS = [
  WorkspacesAndKeys0001,
  LogAndLane0002,
  Customers0003,
  Definitions0004,
  JourneysAndDeliveries0005,
  RowLevelSecurity0006,
  TimeAndCommands0007,
  SegmentReading0008,
  JourneyGuards0009,
  Imports0010,
  IdentityRules0011,
  Reconcile0012,
  Privacy0013,
  Simulations0014,
  ProfileSearch0015,
  InlineProfiles0016,
  Predictions0017,
  Audiences0018,
  Recommendations0019,
  RoutesAndReceipts0020,
  Coupons0021,
  ConnectionTokens0022,
  WholeMilliseconds0023,
];
