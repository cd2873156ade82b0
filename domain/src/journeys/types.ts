import type { Duration, Json, JsonObject, StampedRef } from '../shared/index.js';
import type { Condition, CustomerFacts, PropertyFilter } from '../segments/types.js';

// ── Definition ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface JourneyDefinition {
  readonly key: string;
  readonly name: string;
  readonly trigger: Trigger;
  readonly entry: Entry;
  readonly start: string;
  readonly steps: Readonly<Record<string, Step>>;
  readonly exits: readonly ExitRule[];
  readonly goals: readonly Goal[];
  /** what consent is asked for; null = transactional, with a declared legal basis */
  readonly purpose: string | null;
  readonly legalBasis?: 'contract' | 'legal_obligation' | 'vital_interest';
  /** events older than this start nothing; default 1 h */
  readonly maxTriggerAge: Duration;
  /** a message not sent this long after its step began is `expired`; default 6 h */
  readonly messageExpiry: Duration;
}

export type Trigger =
  | { readonly kind: 'event'; readonly event: string; readonly where?: readonly PropertyFilter[] }
  | { readonly kind: 'segment'; readonly segment: string; readonly on: 'entered' | 'left' };

export type Entry =
  | { readonly reentry: 'once' }
  | { readonly reentry: 'afterExit'; readonly minGap: Duration }
  /** once per value at `path` of the trigger's properties, at most maxConcurrent open per customer */
  | { readonly reentry: 'perKey'; readonly path: string; readonly maxConcurrent: number };

export interface EventMatch {
  readonly kind: 'event';
  readonly event: string;
  readonly where?: readonly PropertyFilter[];
  /** path that must hold the same value in the trigger's properties and in this event's */
  readonly same?: string;
}
export interface SegmentMatch {
  readonly kind: 'segment';
  readonly segment: string;
  readonly on: 'entered' | 'left';
}
export type Match = EventMatch | SegmentMatch;

export type ExitRule = Match & { readonly id: string; readonly reason?: string };
/** Counts for seven days from the entry, after the run has ended too. */
export type Goal = Match & { readonly id: string };

export type Step =
  DelayStep | WaitForStep | SplitStep | MessageStep | SendStep | UpdateProfileStep | ExitStep;
export type StepKind = Step['kind'];

export interface DelayStep {
  readonly kind: 'delay';
  readonly duration: Duration;
  readonly next: string;
}
export interface WaitForStep {
  readonly kind: 'waitFor';
  readonly branches: readonly { readonly id: string; readonly on: Match; readonly next: string }[];
  readonly timeout: { readonly after: Duration; readonly next: string };
  /** the newest event equal to the trigger (same key) begins the wait anew, at most 100 times */
  readonly restartOnRepeat?: boolean;
  /** a segment branch that already holds passes at once; default false */
  readonly alreadyTrue?: boolean;
}
export interface SplitStep {
  readonly kind: 'split';
  readonly branches: readonly {
    readonly id: string;
    readonly when: Condition;
    readonly next: string;
  }[];
  readonly else: string;
}
export interface MessageStep {
  readonly kind: 'message';
  readonly channel: 'email';
  readonly connection: string;
  readonly template: string;
  readonly next: string;
  readonly onError?: string;
  readonly onUnknown?: string;
}
export interface SendStep {
  readonly kind: 'sendToDestination';
  readonly connection: string;
  readonly action: string;
  /** JSON with `{ "$path": "trigger.properties.cart_id" }` and literals */
  readonly input: JsonObject;
  readonly next: string;
  readonly onError?: string;
  readonly onUnknown?: string;
}
export interface UpdateProfileStep {
  readonly kind: 'updateProfile';
  /** literals, or `{ "$path": … }` as in sendToDestination */
  readonly traits: JsonObject;
  readonly next: string;
}
export interface ExitStep {
  readonly kind: 'exit';
  readonly reason: string;
}

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
  | 'journey_stopped';

/** What a person looks like to a step; read fresh at each call. */
export interface StepView extends CustomerFacts {
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
