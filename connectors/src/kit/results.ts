/** What became of one item: never one status for a whole batch, because a batch half of which went out has no single answer. */
import type { SkipReason } from '@throughline/domain/journeys';
import type { Json } from '@throughline/domain/shared';
import type { FaultCode } from './faults.js';

export type ItemResult =
  | {
      readonly status: 'delivered';
      readonly providerId?: string;
      /** The provider's reply, when it is JSON and small enough to be branched on later. */
      readonly response?: Json;
    }
  | { readonly status: 'skipped'; readonly reason: SkipReason }
  /** Definitely not done; `afterMs` is the provider's own wish. */
  | { readonly status: 'retry'; readonly code: FaultCode; readonly afterMs?: number }
  | {
      readonly status: 'failed';
      readonly code: FaultCode;
      readonly message: string;
      /** The address itself is dead: suppress it. */
      readonly permanentAddress?: boolean;
    }
  /** It may have happened. Nobody may try again blindly. */
  | { readonly status: 'unknown'; readonly code: FaultCode };

/** One effect to bring about; the key is stable over every attempt and becomes the provider's idempotency key. */
export interface DeliveryItem<Input = unknown> {
  readonly key: string;
  readonly input: Input;
}
