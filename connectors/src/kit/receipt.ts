/** What a provider reports of a message after it took it. */

export interface ReceiptReport {
  readonly kind: 'delivered' | 'bounce' | 'complaint';
  /** The provider's own name of this report; a repeat has the same. */
  readonly eventId: string;
  /** What the provider called the message when it took it. */
  readonly providerId?: string;
  readonly address?: string;
  /** Of a bounce: nothing will ever arrive there. */
  readonly permanent?: boolean;
  readonly code?: string;
}
