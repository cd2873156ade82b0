import { consentFor } from '../consent/index.js';
import type { SkipReason } from '../journeys/types.js';
import type { SendDecision, SendView } from './types.js';

/** Reservations wait while the lane is further behind: a revocation may be among what it has not read. */
export const MAX_LANE_LAG_MS = 30_000;

/**
 * Whether an effect goes out, asked at the reservation and once more just before the call. The first guard that applies gives the
 * answer, in this order:
 *
 * 1. ended or asked to exit → skip `exited`
 * 2. stopped (workspace, journey, connection) → block
 * 3. paused → block
 * 4. the lane is more than 30 s behind → block
 * 5. past its expiry → skip `expired`
 * 6. no address on a channel → skip `no_address`
 * 7. consent, for a purpose on a channel: revocation pending or revoked → skip `consent_revoked`; anything but granted → skip
 *    `no_consent`. The word for the channel counts, else the word for `*`
 * 8. suppressed → skip `suppressed`
 * 9. sent already by an enrolment merged into this one → skip `merged_duplicate`
 * 10. within quiet hours → wait for their end; past its expiry by then → skip `expired`
 * 11. over a frequency cap → wait for room, where the message asks for that and is not past its expiry by then; else skip `capped`
 *
 * Blocks come before expiry, so that a stop keeps what it finds and the expiry is judged when it is lifted. Without a purpose
 * (transactional) no consent is asked for; suppression counts all the same. An action without a channel speaks to a system,
 * not to the person, and needs no address.
 */
export function decideSend(view: SendView): SendDecision {
  if (view.ended || view.exitRequested) return skip('exited');
  const block = blockedBy(view);
  if (block !== null) return { kind: 'block', by: block };
  if (view.now >= view.expiresAt) return skip('expired');
  if (view.channel !== null && view.address === null) return skip('no_address');
  const refusal = consentRefusal(view);
  if (refusal !== null) return skip(refusal);
  if (view.suppressed) return skip('suppressed');
  if (view.sentByMerged) return skip('merged_duplicate');
  return quiet(view) ?? capped(view) ?? { kind: 'send' };
}

function quiet({ quietUntil, expiresAt }: SendView): SendDecision | null {
  if (quietUntil === null) return null;
  return quietUntil < expiresAt
    ? { kind: 'wait', for: 'quiet_hours', until: quietUntil }
    : skip('expired');
}

function capped({ cap, onCapped, expiresAt }: SendView): SendDecision | null {
  if (cap.kind === 'free') return null;
  return onCapped === 'wait' && cap.until !== null && cap.until < expiresAt
    ? { kind: 'wait', for: 'capped', until: cap.until }
    : skip('capped');
}

type Block = Extract<SendDecision, { kind: 'block' }>['by'];

function blockedBy(view: SendView): Block | null {
  if (view.stop !== null) return `stopped_${view.stop}`;
  if (view.paused) return 'paused';
  return view.laneLagMs > MAX_LANE_LAG_MS ? 'lane_behind' : null;
}

function consentRefusal({
  purpose,
  consentOn,
  consents,
  revocationPending,
}: SendView): SkipReason | null {
  if (purpose === null || consentOn === null) return null;
  if (revocationPending) return 'consent_revoked';
  const state = consentFor(consents, purpose, consentOn)?.state;
  if (state === 'granted') return null;
  return state === 'revoked' ? 'consent_revoked' : 'no_consent';
}

function skip(reason: SkipReason): SendDecision {
  return { kind: 'skip', reason };
}
