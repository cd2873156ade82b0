/** What the row of the current delivery says to a run that asks for its next command: the activity has come back or given up. */
import type { DeliveryOutcome, Pending } from '@throughline/domain/journeys';
import { assertNever, InvariantBroken } from '@throughline/domain/shared';
import type { DeliveryFacts } from './types.js';

export interface DeliveryWrite {
  readonly step: string;
  readonly visit: number;
  readonly state: 'failed' | 'unknown' | 'skipped';
  readonly reason: string;
}

interface Circumstances {
  /** the command was reached in this very transaction, so no activity can have begun */
  readonly isNew: boolean;
  /** the person has met an exit */
  readonly leaving: boolean;
  readonly now: number;
}

interface Answer {
  readonly pending: Pending['delivery'];
  /** how a row that was left behind is closed */
  readonly write?: Omit<DeliveryWrite, 'step' | 'visit'>;
}

export function deliveryPending(delivery: DeliveryFacts | null, around: Circumstances): Answer {
  if (delivery === null) {
    return {
      pending:
        around.isNew || around.leaving
          ? 'open'
          : outcome({ kind: 'failed', code: 'expired' }, around.now),
    };
  }
  const instant = delivery.settledAt ?? around.now;
  switch (delivery.state) {
    case 'accepted':
    case 'unknown':
      return { pending: outcome({ kind: delivery.state }, instant) };
    case 'failed':
      return { pending: outcome({ kind: 'failed', code: delivery.reason ?? 'failed' }, instant) };
    case 'skipped':
      return {
        pending: outcome({ kind: 'skipped', reason: skipReason(delivery.reason) }, instant),
      };
    case 'sending':
      if (isKept(delivery)) return { pending: 'under_way' };
      return {
        pending: outcome({ kind: 'unknown' }, instant),
        write: { state: 'unknown', reason: 'gave_up' },
      };
    case 'reserved':
      return reserved(delivery, around);
    default:
      return assertNever(delivery.state);
  }
}

/** Kept back by a stop it waits, unless the person is on the way out. */
function reserved(delivery: DeliveryFacts, { leaving, now }: Circumstances): Answer {
  if (leaving) return { pending: 'open', write: { state: 'skipped', reason: 'exited' } };
  if (isKept(delivery)) return { pending: 'open' };
  return {
    pending: outcome({ kind: 'failed', code: 'expired' }, now),
    write: { state: 'failed', reason: 'expired' },
  };
}

/** A stop or a pause lasts until somebody lifts it; a lane that is behind does not, and the activity itself tries again. */
function isKept({ blockedBy }: DeliveryFacts): boolean {
  return blockedBy !== null && blockedBy !== 'lane_behind';
}

function outcome(of: DeliveryOutcome, instant: number): Pending['delivery'] {
  return { outcome: of, instant };
}

const SKIP_REASONS = [
  'no_address',
  'no_consent',
  'consent_revoked',
  'suppressed',
  'exited',
  'expired',
  'missing_variable',
  'merged_duplicate',
  'journey_stopped',
  'capped',
] as const;

function skipReason(reason: string | null): (typeof SKIP_REASONS)[number] {
  const known = SKIP_REASONS.find((one) => one === reason);
  if (known === undefined)
    throw new InvariantBroken(`a delivery was skipped for an unknown reason: ${String(reason)}`);
  return known;
}
