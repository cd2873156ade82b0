import type { MessageChannel, Route, TriggerContext } from '@throughline/domain/journeys';
import type { Traits } from '@throughline/domain/profiles';
import type { JsonObject } from '@throughline/domain/shared';

/** One passage through a sending step, as the run asks for it. `key` comes from the workflows' contract. */
export interface DeliveryRequest {
  readonly workspaceId: string;
  readonly enrolmentId: string;
  readonly generation: number;
  readonly seq: number;
  readonly step: string;
  readonly visit: number;
  readonly key: string;
}

/** A right to try once, and all that the try needs. Lives in memory only: it holds the person's address and traits. */
export interface Ticket {
  readonly request: DeliveryRequest;
  readonly attemptToken: string;
  /** who entered: what comes back of the message is theirs, whoever they are merged with by then */
  readonly customerId: string;
  readonly journey: { readonly key: string; readonly version: number; readonly name: string };
  readonly channel: MessageChannel | null;
  /** number of the way that the message is on, and all that there are */
  readonly route: number;
  readonly routes: readonly Route[];
  readonly purpose: string | null;
  readonly address: string | null;
  readonly connection: ConnectionFacts;
  readonly action: string;
  readonly content: Content;
  readonly traits: Traits;
  readonly trigger: TriggerContext;
  /** an earlier attempt may have come through, so nothing may put this one back to `reserved` */
  readonly uncertain: boolean;
}

export type Content =
  | { readonly kind: 'template'; readonly body: JsonObject }
  | { readonly kind: 'input'; readonly input: JsonObject };

export interface ConnectionFacts {
  readonly key: string;
  readonly connector: string;
  readonly settings: JsonObject;
  readonly sealed: { readonly keyId: string; readonly sealed: Buffer } | null;
}

export type Reservation =
  | { readonly kind: 'ready'; readonly ticket: Ticket }
  | { readonly kind: 'settled' }
  /** the row is on another way now: to be reserved anew */
  | { readonly kind: 'moved' }
  /** a stop, a pause: the run waits for a wake. `lane_behind` passes by itself */
  | { readonly kind: 'blocked'; readonly by: string };

export type Go =
  | { readonly kind: 'go' }
  | { readonly kind: 'settled' }
  | { readonly kind: 'blocked'; readonly by: string }
  /** the row is on another way now: to be reserved anew */
  | { readonly kind: 'moved' }
  /** another attempt holds the row */
  | { readonly kind: 'lost' };

export type Settlement =
  | { readonly state: 'accepted'; readonly providerId?: string; readonly response?: unknown }
  | { readonly state: 'skipped'; readonly reason: 'missing_variable'; readonly detail?: string }
  | {
      readonly state: 'failed';
      readonly code: string;
      readonly detail?: string;
      readonly deadAddress?: boolean;
    }
  | { readonly state: 'unknown'; readonly code: string };

/** Whether a provider tells a repeat by our key: only then may an attempt with an unknown end be made again. */
export type IdempotencyOf = (connector: string) => 'key' | 'none' | undefined;
