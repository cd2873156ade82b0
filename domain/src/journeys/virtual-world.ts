import type { Consent, ConsentAssertion } from '../consent/types.js';
import type { CapsDocument, SendView } from '../destinations/types.js';
import type { Facts, Traits } from '../profiles/types.js';
import type { JsonObject, StampedRef } from '../shared/index.js';
import type {
  DeliveryOutcome,
  EntryDecision,
  Happening,
  JourneyDefinition,
  OperatorRequest,
  ProfileUpdate,
  RunState,
  TrailEntry,
} from './types.js';

/** What the virtual host is given and what it answers. Times are ms on the lane's clock. */

export interface CustomerHappening {
  readonly customer: string;
  readonly happening: Happening;
  /** that the input set; the event time of the happening says which of two holds */
  readonly traits?: JsonObject;
  /** that the input said */
  readonly consents?: readonly ConsentAssertion[];
  /** a membership that was found when a segment was published: nobody has done anything, so nobody enters or leaves by it */
  readonly found?: boolean;
}

/** A person before the log begins; what is left out is empty, except that the person may be reached and has consented. */
export interface VirtualCustomer {
  readonly traits?: Traits;
  readonly facts?: Facts;
  readonly segments?: readonly string[];
  readonly consents?: readonly Consent[];
  readonly address?: string | null;
  readonly suppressed?: boolean;
  /** addresses as they came to be known, instead of `address`: the trait `email` comes first, then the newest, as in a send */
  readonly emails?: readonly KnownAddress[];
  /** of all these, in lower case: those that must not be written to, and since when */
  readonly suppressions?: readonly KnownAddress[];
}

export interface KnownAddress {
  readonly value: string;
  readonly since: number;
}

/** An effect about to go out. `key` is enrolment:step:visit, as everywhere. */
export interface VirtualDelivery {
  readonly key: string;
  readonly enrolmentId: string;
  readonly journey: string;
  readonly customer: string;
  readonly entryKey: string;
  readonly step: string;
  readonly visit: number;
  readonly connection: string;
  readonly action: string;
  /** input of sendToDestination, resolved; null for messages */
  readonly input: JsonObject | null;
  readonly at: number;
}

export interface ScriptedOutcome {
  readonly outcome: DeliveryOutcome;
  /** how long the provider took; default 0 */
  readonly takesMs?: number;
  /** the instant that was noted, where the past is played again: known at once, however far the log has come */
  readonly settledAt?: number;
}

/**
 * Runs that have been, played again. The log then holds everything, their own updates of profiles too, and the steps are made
 * where they were made: what a step reads depends on how far the lane had come by then.
 */
export interface RecordedRuns {
  /** where the log's clock stood when the run made its step with this seq; Infinity if it never did */
  stepAt(enrolmentId: string, seq: number): number;
}

/** What an operator asks at an instant, after everything that the log holds up to it. */
export interface VirtualRequest {
  readonly at: number;
  readonly journey: string;
  readonly customer: string;
  /** default: the enrolment that entered last */
  readonly entryKey?: string;
  readonly request: OperatorRequest;
}

export interface VirtualInput {
  readonly definitions: readonly JourneyDefinition[];
  /** in log order */
  readonly log: readonly CustomerHappening[];
  readonly until: number;
  /** when dates of triggers begin to count; default: the first input */
  readonly from?: number;
  readonly customers?: Readonly<Record<string, VirtualCustomer>>;
  /** default: accepted at once */
  readonly outcomes?: (delivery: VirtualDelivery) => ScriptedOutcome;
  readonly requests?: readonly VirtualRequest[];
  /** frequency caps of the workspace; default: none */
  readonly caps?: CapsDocument;
  /** what the reservation sees beside the customer: stops, pauses, lag, revocations */
  readonly guards?: (delivery: VirtualDelivery) => Partial<SendView>;
  /**
   * How much later than it could a run makes its step with this seq: a worker that is down or slow. Without deliveries and
   * conditions, which read the present, it changes no trail.
   */
  readonly lateness?: (enrolmentId: string, seq: number) => number;
  readonly recorded?: RecordedRuns;
}

export interface VirtualEnrolment {
  readonly enrolmentId: string;
  readonly journey: string;
  readonly customer: string;
  readonly entryKey: string;
  readonly enteredAt: number;
  readonly trail: readonly TrailEntry[];
  readonly state: RunState;
  /** null while not ended */
  readonly outcome: string | null;
  readonly goals: readonly { readonly goalId: string; readonly ref: StampedRef }[];
  readonly deliveries: readonly VirtualDeliveryResult[];
  readonly updates: readonly ProfileUpdate[];
  readonly requests: readonly {
    readonly request: OperatorRequest;
    readonly refused: string | null;
  }[];
}

export interface VirtualDeliveryResult {
  readonly delivery: VirtualDelivery;
  /** null while it is under way or kept by a stop */
  readonly outcome: DeliveryOutcome | null;
  readonly blockedBy: string | null;
  /** what kept it for a while before it was decided */
  readonly keptBy?: string;
}

/** Who met a trigger and did not enter: the first guard that stopped them. */
export interface VirtualRefusal {
  readonly journey: string;
  readonly customer: string;
  readonly ref: StampedRef;
  readonly reason: Extract<EntryDecision, { kind: 'refused' }>['reason'];
}

export interface VirtualResult {
  readonly enrolments: readonly VirtualEnrolment[];
  readonly refusals: readonly VirtualRefusal[];
}
