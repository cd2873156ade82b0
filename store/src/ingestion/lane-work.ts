import type { Consent } from '@throughline/domain/consent';
import type { ParsedEvent } from '@throughline/domain/ingestion';
import type { IdentifierRef } from '@throughline/domain/identity';
import type { RunState, Subscription, TriggerContext } from '@throughline/domain/journeys';
import type { MutableFacts, Traits } from '@throughline/domain/profiles';
import type { InputRef, Json, StampedRef } from '@throughline/domain/shared';
import type { ExitRequest } from '../journeys/types.js';
import type { PendingBuild } from './lane-build.js';
import type { ProfileSnapshot } from './lane-snapshot.js';

/** A customer in the hands of the lane: loaded under the lock, changed event by event, written once per batch. */
export interface CustomerWork {
  readonly id: string;
  readonly isNew: boolean;
  readonly createdAt: number;
  readonly first: InputRef;
  traits: Traits;
  /** counted in place: read for this batch, held by nobody else */
  facts: MutableFacts;
  consents: Consent[];
  readonly members: Map<string, Membership>;
  enrolments: EnrolmentWork[];
  appliedPosition: number;
  mergedInto: string | null;
  /** when a membership may next change by itself, ms since epoch; null: never */
  dueAt: number | null;
  lastTransition: InputRef | null;
  /** what definitions published since still ask of this customer's past */
  pendingBuild: PendingBuild | null;
  /** state row must be written */
  changed: boolean;
}

/** Since when and by which input a customer is in a segment, and under which version of it. */
export interface Membership extends InputRef {
  readonly version: number;
  /** ms since epoch */
  readonly since: number;
}

export interface EnrolmentWork {
  readonly id: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly entryKey: string;
  readonly trigger: TriggerContext;
  readonly enteredAt: number;
  readonly enteredRef: InputRef;
  endedAt: number | null;
  open: boolean;
  superseded: boolean;
  /** lane clock of the input that asked for the exit; null while nothing has */
  exitRequestedAt: number | null;
  deliveries: number;
  wait: WaitWork | null;
}

export interface WaitWork {
  readonly seq: number;
  readonly stepId: string;
  readonly subscriptions: readonly Subscription[];
  deadline: number | null;
  restarts: number;
  fired: boolean;
}

/** What resolution decided for one event, before any customer is locked. */
export interface ResolvedEvent {
  readonly event: ParsedEvent;
  readonly customerId: string;
  /** the profile, of those that became this customer, that the event is of; what an unmerge goes by */
  readonly originId: string;
  readonly isNew: boolean;
  readonly added: readonly IdentifierRef[];
  readonly absorbed: readonly string[];
}

/** Everything a batch will write, in the order of its inputs; nothing is written before all of it is known. */
export interface LaneWrites {
  readonly seen: { message_id: string; fingerprint: string; seen_at: string }[];
  readonly quarantine: QuarantineRow[];
  readonly identifiersAdded: {
    type: string;
    value: string;
    customer_id: string;
    origin_id: string;
    at: string;
    position: number;
    ordinal: number;
  }[];
  readonly merges: {
    position: number;
    ordinal: number;
    /** the order of the merges of one event */
    rank: number;
    survivor_id: string;
    absorbed_id: string;
    at: string;
    cause: 'event' | 'operator';
    survivor_state: ProfileSnapshot;
    absorbed_state: ProfileSnapshot;
  }[];
  readonly traitChanges: Record<string, unknown>[];
  /** words as they now hold, repeated ones included: they carry a newer time */
  readonly consents: Record<string, unknown>[];
  readonly consentChanges: Record<string, unknown>[];
  readonly suppressions: {
    channel: string;
    address_hash: string;
    reason: string;
    at: string;
    position: number;
  }[];
  readonly events: Record<string, unknown>[];
  /** one for each of `events` */
  readonly eventBodies: unknown[];
  readonly membershipChanges: Record<string, unknown>[];
  readonly enrolments: NewEnrolment[];
  readonly exits: { enrolment_id: string; exit_request: ExitRequest | null; superseded: boolean }[];
  readonly waits: Map<string, WaitUpdate>;
  readonly goals: Record<string, unknown>[];
  /** group id → what this batch says of the group */
  readonly groups: Map<string, GroupWrite>;
  /** enrolment id → workflow journey key; one wake a batch is enough */
  readonly wakes: Map<string, string>;
  readonly touched: Map<string, CustomerWork>;
  /** customers built before their page of a backfill came */
  readonly built: { position: number; customer_id: string }[];
  /** customers whose due time moved */
  readonly due: Map<string, CustomerWork>;
  duplicates: number;
  applied: number;
  /** trait values that were left out of a profile; the events keep them */
  refusedTraits: number;
}

export interface QuarantineRow {
  readonly quarantine_id: string;
  readonly position: number;
  readonly ordinal: number;
  readonly source_key: string | null;
  readonly endpoint: string | null;
  readonly code: string;
  readonly detail: string;
  readonly body: string;
  readonly received_at: string;
}

export interface NewEnrolment {
  readonly enrolment_id: string;
  readonly journey_key: string;
  readonly version: number;
  readonly customer_id: string;
  readonly subject_id: string;
  readonly entry_key: string;
  readonly run_state: RunState;
  readonly trigger: TriggerContext;
  readonly clock: string;
  readonly position: number;
  readonly ordinal: number;
}

export interface GroupWrite {
  readonly group_id: string;
  /** value and event time of each trait: the later one wins */
  readonly traits: Record<string, { readonly v: Json; readonly t: number }>;
  readonly at: string;
}

export interface WaitUpdate {
  readonly enrolment_id: string;
  readonly seq: number;
  readonly deadline: string | null;
  readonly restarts: number;
  readonly fired: ({ readonly branch: string } & StampedRef) | null;
}

export function noWrites(): LaneWrites {
  return {
    seen: [],
    quarantine: [],
    identifiersAdded: [],
    merges: [],
    traitChanges: [],
    consents: [],
    consentChanges: [],
    suppressions: [],
    events: [],
    eventBodies: [],
    membershipChanges: [],
    enrolments: [],
    exits: [],
    waits: new Map(),
    goals: [],
    groups: new Map(),
    wakes: new Map(),
    touched: new Map(),
    built: [],
    due: new Map(),
    duplicates: 0,
    applied: 0,
    refusedTraits: 0,
  };
}

/** RFC 3339 with milliseconds, as PostgreSQL reads it inside JSON. */
export function instant(ms: number): string {
  return new Date(ms).toISOString();
}

export function consentRow(
  customerId: string,
  consent: Consent,
  sourceKey: string | null,
): Record<string, unknown> {
  const { purpose, channel, state, eventTime, position, ordinal } = consent;
  return {
    customer_id: customerId,
    purpose,
    channel,
    state,
    event_time: instant(eventTime),
    position,
    ordinal,
    source_key: sourceKey,
  };
}
