import type { Json, JsonObject, StampedRef } from '../shared/index.js';
import type { IdentifierRef } from '../identity/types.js';
import type { ConsentAssertion } from '../consent/types.js';

/** Segment's six calls; `internal` events are our own, and addressed by customer id. */
export type EventType = 'identify' | 'track' | 'page' | 'screen' | 'group' | 'alias';
export type Endpoint = EventType | 'batch';

/**
 * One event, parsed and within limits. `name` is what segments and journeys listen to: the track name, and for the other calls
 * `Identify`, `Page Viewed`, `Screen Viewed`, `Group`, `Alias`.
 */
export interface ParsedEvent {
  readonly ref: StampedRef;
  readonly messageId: string;
  readonly type: EventType;
  readonly name: string;
  readonly sourceKey: string | null;
  /** ms since epoch, corrected by sentAt, clamped to received + 5 min */
  readonly eventTime: number;
  /** as the sender wrote it, where it differs */
  readonly originalTime: number | null;
  readonly identifiers: readonly IdentifierRef[];
  /** alias only: the identifier that is to become the same person */
  readonly previous: readonly IdentifierRef[];
  /** set for our own events: the person, whatever identifiers say */
  readonly customerId: string | null;
  readonly traits: JsonObject;
  readonly properties: JsonObject;
  readonly context: JsonObject;
  readonly consents: readonly ConsentAssertion[];
  readonly hop: number;
  /** imported and replayed events start no journey, but end waits, exits and goals */
  readonly imported: boolean;
}

/** Why an event stands in quarantine. Closed; docs/api/quarantine.md explains each with its remedy. */
export type RejectionCode =
  | 'not_an_object'
  | 'unknown_type'
  | 'mapping_rejected'
  | 'missing_identity'
  | 'missing_event_name'
  | 'name_too_long'
  | 'invalid_message_id'
  | 'invalid_timestamp'
  | 'invalid_field'
  | 'too_large'
  | 'too_deep'
  | 'too_many_keys'
  | 'string_too_long'
  | 'nul_character'
  | 'lone_surrogate'
  | 'non_finite_number'
  | 'number_precision_lost'
  | 'forbidden_key'
  | 'same_id_other_body'
  | 'hop_limit'
  | 'identity_limit'
  | 'store_refused';

/** An event that was not applied, with its own text as sent. */
export interface Rejection {
  readonly ordinal: number;
  readonly code: RejectionCode;
  readonly detail: string;
  readonly body: string;
}

/** Our own event, as it is appended to the log. */
export interface InternalEvent {
  readonly messageId: string;
  readonly type: 'track' | 'identify';
  readonly name: string;
  readonly customerId: string;
  readonly at: number;
  readonly traits?: JsonObject;
  readonly properties?: JsonObject;
  readonly hop: number;
}

/** A row of the event log as the lane reads it. */
export interface LogRow {
  readonly position: number;
  readonly clock: number;
  readonly kind: 'http' | 'internal' | 'definitions' | 'tick' | 'import' | 'backfill' | 'command';
  readonly endpoint: Endpoint | null;
  readonly sourceKey: string | null;
  readonly hop: number;
  readonly body: string | null;
}

export type PropertyValue = Json;
