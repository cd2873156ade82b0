import type { Consent } from '../consent/types.js';
import type { MessageChannel, SkipReason } from '../journeys/types.js';
import type { Duration } from '../shared/index.js';

export type DeliveryState = 'reserved' | 'sending' | 'accepted' | 'failed' | 'unknown' | 'skipped';

/** What the reservation looks at, read under the customer's lock. */
export interface SendView {
  readonly purpose: string | null;
  /** the channel that consent is asked for; null: none is asked */
  readonly consentOn: string | null;
  /** what the effect reaches the person by; null: it speaks to a system */
  readonly channel: string | null;
  readonly address: string | null;
  readonly consents: readonly Consent[];
  /** a revocation has been appended that the lane has not applied yet */
  readonly revocationPending: boolean;
  readonly suppressed: boolean;
  readonly exitRequested: boolean;
  readonly ended: boolean;
  readonly expiresAt: number;
  readonly now: number;
  /** another enrolment of this person, merged into this one, has already sent this step */
  readonly sentByMerged: boolean;
  /** the first stop in force: workspace, journey or connection */
  readonly stop: 'workspace' | 'journey' | 'connection' | null;
  readonly paused: boolean;
  readonly laneLagMs: number;
  /** end of the quiet hours that the person is in; null: in none */
  readonly quietUntil: number | null;
  readonly cap: CapVerdict;
  readonly onCapped: 'skip' | 'wait';
}

/** Whether frequency caps leave room. `until`: when they will, if nothing else goes out; null: never. */
export type CapVerdict =
  { readonly kind: 'free' } | { readonly kind: 'full'; readonly until: number | null };

/** At most `max` messages of a channel in any `per`. */
export interface CapRule {
  readonly channel: MessageChannel;
  /** the class that counts; default: all but `transactional` */
  readonly class?: string;
  readonly per: Duration;
  readonly max: number;
  /** room that is kept for a class, out of `max` */
  readonly slots?: Readonly<Record<string, number>>;
}

export interface CapsDocument {
  readonly rules: readonly CapRule[];
}

/** A message that went out, or holds a reservation to go out. */
export interface CountedSend {
  readonly channel: string;
  readonly class: string;
  readonly at: number;
}

export type SendDecision =
  | { readonly kind: 'send' }
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  /** kept, not dropped: carried out when the stop is lifted */
  | {
      readonly kind: 'block';
      readonly by:
        'stopped_workspace' | 'stopped_journey' | 'stopped_connection' | 'paused' | 'lane_behind';
    }
  /** kept until an instant, and then decided anew */
  | {
      readonly kind: 'wait';
      readonly for: 'quiet_hours' | 'capped';
      readonly until: number;
    };

/** What the driver hears of a delivery; the row holds the rest. */
export type DeliveryReport = 'settled' | 'blocked';

/** What a provider reports of a message after it took it. */
export interface ReceiptReport {
  readonly kind: 'delivered' | 'bounce' | 'complaint';
  /** the provider's own name of this report; a repeat has the same */
  readonly eventId: string;
  /** what the provider called the message when it took it */
  readonly providerId?: string;
  readonly address?: string;
  /** of a bounce: nothing will ever arrive there */
  readonly permanent?: boolean;
  readonly code?: string;
}
