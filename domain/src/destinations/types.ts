import type { Consent } from '../consent/types.js';
import type { SkipReason } from '../journeys/types.js';

export type DeliveryState = 'reserved' | 'sending' | 'accepted' | 'failed' | 'unknown' | 'skipped';

/** What the reservation looks at, read under the customer's lock. */
export interface SendView {
  readonly purpose: string | null;
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
}

export type SendDecision =
  | { readonly kind: 'send' }
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  /** kept, not dropped: carried out when the stop is lifted */
  | {
      readonly kind: 'block';
      readonly by:
        'stopped_workspace' | 'stopped_journey' | 'stopped_connection' | 'paused' | 'lane_behind';
    };

/** What the driver hears of a delivery; the row holds the rest. */
export type DeliveryReport = 'settled' | 'blocked';
