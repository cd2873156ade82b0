import type { SkipReason } from '@throughline/domain/journeys';
import type { ChainDelivery } from '@throughline/store/journeys';

/** Every guard in a sentence; closed, so that a new one is missed here by the compiler. */
const SKIPPED: Readonly<Record<SkipReason, string>> = {
  no_address: 'there was no address to send it to',
  no_consent: 'the person had not agreed to it',
  consent_revoked: 'the person had taken their consent back',
  suppressed: 'the address must not be written to',
  exited: 'the person had left the journey by then',
  expired: 'it was too late for it',
  missing_variable: 'the template asked for something that was not there',
  merged_duplicate: 'it had gone out by an enrolment that was merged into this one',
  journey_stopped: 'the journey had been stopped',
  capped: 'the person had had as many messages as the caps allow',
};

const KEPT: Readonly<Record<string, string>> = {
  stopped_workspace: 'all sending is stopped',
  stopped_journey: 'sending of this journey is stopped',
  stopped_connection: 'sending by this connection is stopped',
  paused: 'the journey is paused',
  lane_behind: 'inputs wait to be applied, and a revocation may be among them',
  quiet_hours: 'it is quiet hours where the person is',
  capped: 'the caps have no room for it yet',
};

export function describeDelivery({ state, reason, blockedBy, attempts }: ChainDelivery): string {
  if (blockedBy !== null) return `Kept back: ${KEPT[blockedBy] ?? blockedBy}.`;
  switch (state) {
    case 'accepted':
      return 'Sent: the service has taken it.';
    case 'skipped':
      return `Not sent: ${skipped(reason)}.`;
    case 'failed':
      return `Not sent: it failed for good (${reason ?? 'no code'}) after ${attempts} attempts.`;
    case 'unknown':
      return 'Sent or not: the connection broke before the service had answered.';
    default:
      return 'On its way.';
  }
}

function skipped(reason: string | null): string {
  const known = Object.entries(SKIPPED).find(([key]) => key === reason);
  return known?.[1] ?? reason ?? 'no reason was noted';
}
