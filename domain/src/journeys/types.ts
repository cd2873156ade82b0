import type { CustomerFacts } from '../segments/types.js';
import type { Json, JsonObject, StampedRef } from '../shared/index.js';
import type { Match } from './definition-types.js';

export type * from './definition-types.js';

// ── The machine ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where a run stands. */
export type Place =
  | { readonly kind: 'entering' }
  | {
      readonly kind: 'waiting';
      readonly step: string;
      readonly visit: number;
      readonly deadline: number | null;
    }
  /** expiresAt is kept here, so that a repeated command is the same to the letter */
  | {
      readonly kind: 'delivering';
      readonly step: string;
      readonly visit: number;
      readonly expiresAt: number;
    }
  /** by an operator, or by a failure without a branch. `from` is where it goes on */
  | { readonly kind: 'held'; readonly reason: string; readonly from: HeldFrom }
  | { readonly kind: 'ended'; readonly outcome: string };

export type HeldFrom =
  | {
      readonly kind: 'waiting';
      readonly step: string;
      readonly visit: number;
      readonly deadline: number | null;
    }
  | { readonly kind: 'failed'; readonly step: string; readonly visit: number }
  | { readonly kind: 'at'; readonly step: string };

export interface RunState {
  readonly place: Place;
  readonly visits: Readonly<Record<string, number>>;
  /** steps taken so far; a guard against loops without a wait */
  readonly taken: number;
}

/** What the machine is told. `instant` is ms on the lane's clock: deadlines count from it. */
export type JourneyInput =
  | { readonly kind: 'enter'; readonly instant: number }
  | { readonly kind: 'fired'; readonly branch: string; readonly instant: number }
  | { readonly kind: 'timeout'; readonly instant: number }
  | { readonly kind: 'delivered'; readonly outcome: DeliveryOutcome; readonly instant: number }
  /** outcome: of the delivery that had settled when the exit was carried out, so that the trail tells it and nothing follows it */
  | {
      readonly kind: 'exit';
      readonly reason: string;
      readonly instant: number;
      readonly outcome?: DeliveryOutcome;
    }
  | { readonly kind: 'operator'; readonly request: OperatorRequest; readonly instant: number };

export type DeliveryOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'unknown' };

export type OperatorRequest =
  | { readonly kind: 'skipWait'; readonly step: string; readonly visit: number }
  | { readonly kind: 'forceExit'; readonly reason: string }
  | { readonly kind: 'hold'; readonly reason: string }
  | { readonly kind: 'resume' }
  | { readonly kind: 'retryStep' };

/** Why a message was not sent. Closed; docs/journeys.md explains each. */
export type SkipReason =
  | 'no_address'
  | 'no_consent'
  | 'consent_revoked'
  | 'suppressed'
  | 'exited'
  | 'expired'
  | 'missing_variable'
  | 'merged_duplicate'
  | 'journey_stopped'
  | 'capped';

/** What a person looks like to a step; read fresh at each call. */
export interface StepView extends CustomerFacts {
  /** who entered; what is drawn by lot is drawn for them */
  readonly customerId: string;
  readonly trigger: TriggerContext;
}

/** The event (or membership change) that led in, as it was. */
export interface TriggerContext {
  readonly name: string;
  readonly properties: JsonObject;
  readonly eventTime: number;
  readonly messageId: string | null;
  readonly ref: StampedRef;
}

/** The one thing the driver does next. */
export type Command =
  | {
      readonly kind: 'wait';
      readonly step: string;
      readonly visit: number;
      readonly deadline: number | null;
      readonly subscriptions: readonly Subscription[];
      readonly summary: string;
    }
  | {
      readonly kind: 'deliver';
      readonly step: string;
      readonly visit: number;
      readonly connection: string;
      readonly action: string;
      readonly expiresAt: number;
      readonly summary: string;
    }
  | { readonly kind: 'end'; readonly outcome: string };

/** What a wait listens to, resolved: `same` has become the value that must be met. */
export interface Subscription {
  readonly branch: string;
  readonly on: Match;
  readonly sameValue?: Json;
}

/** An update of traits that passes through the log; idempotent by (enrolment, step, visit). */
export interface ProfileUpdate {
  readonly step: string;
  readonly visit: number;
  readonly traits: JsonObject;
}

export type TrailKind =
  | 'entered'
  | 'stepped'
  | 'waiting'
  | 'fired'
  | 'timed_out'
  | 'branched'
  | 'sent'
  | 'skipped'
  | 'failed'
  | 'unknown'
  | 'updated'
  | 'held'
  | 'resumed'
  | 'operated'
  | 'ended';

export interface TrailEntry {
  readonly kind: TrailKind;
  readonly step: string | null;
  readonly visit: number | null;
  readonly at: number;
  readonly detail: JsonObject;
}

export interface Advance {
  readonly state: RunState;
  readonly command: Command;
  readonly trail: readonly TrailEntry[];
  readonly updates: readonly ProfileUpdate[];
  /** set when the input did not apply here (an operator's request that comes too late): state and command are the old ones */
  readonly refused?: string;
}

// ── Decisions of the lane ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Something that happened to a customer, as waits, exits, goals and triggers see it. */
export type Happening =
  | {
      readonly kind: 'event';
      readonly name: string;
      readonly properties: JsonObject;
      readonly eventTime: number;
      readonly messageId: string;
      readonly ref: StampedRef;
      readonly imported: boolean;
    }
  | {
      readonly kind: 'segment';
      readonly segment: string;
      readonly change: 'entered' | 'left';
      readonly ref: StampedRef;
      readonly imported: boolean;
    }
  /** the date of a journey's trigger has come for a person */
  | {
      readonly kind: 'date';
      readonly journey: string;
      readonly ref: StampedRef;
      readonly imported: boolean;
    };

/** An earlier enrolment of the same customer in the same journey. */
export interface PriorEnrolment {
  readonly enrolmentId: string;
  readonly entryKey: string;
  readonly open: boolean;
  readonly endedAt: number | null;
}

export type EntryDecision =
  | { readonly kind: 'enter'; readonly entryKey: string }
  /** same key, still open: its wait may restart */
  | { readonly kind: 'repeat'; readonly enrolmentId: string }
  | {
      readonly kind: 'refused';
      readonly reason:
        | 'not_triggered'
        | 'too_old'
        | 'imported'
        | 'already_once'
        | 'already_open'
        | 'within_gap'
        | 'no_key'
        | 'too_many_open';
    };
