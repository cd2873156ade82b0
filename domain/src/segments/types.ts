import type { Duration, Json } from '../shared/index.js';
import type { Facts, Traits } from '../profiles/types.js';

/** The condition tree. What is not here yet has nothing behind it yet. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | TraitCondition
  | EventCondition
  | OccurrenceCondition
  | AbsenceCondition
  | { readonly segment: string };

export interface TraitCondition {
  readonly trait: string;
  readonly op: TraitOperator;
  readonly value?: Json;
}

/** What may be asked of a value without looking at the clock: of events as well, which are counted when they come. */
export type FilterOperator =
  | 'equals'
  | 'notEquals'
  | 'in'
  | 'notIn'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'exists'
  | 'notExists'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'before'
  | 'after';

/** What holds of a time for a while: the value is a length of time, and the answer changes by itself. */
export type ClockOperator = 'withinLast' | 'olderThan' | 'withinNext';

export type TraitOperator = FilterOperator | ClockOperator;

/** RFC 3339 text, or ms since epoch. */
export type TimeValue = string | number;

export interface EventCondition {
  readonly event: string;
  readonly where?: readonly PropertyFilter[];
  /** default: at least once. `{ eq: 0 }` = never */
  readonly count?: CountBound;
  /** which event times count; default: ever */
  readonly within?: EventWindow;
}

/**
 * A rolling window, exact to the millisecond, or the text `ever`; or a fixed range of event times, where `between` is [from, to).
 */
export type EventWindow =
  | Duration
  | { readonly between: readonly [TimeValue, TimeValue] }
  | { readonly before: TimeValue }
  | { readonly after: TimeValue };

export interface CountBound {
  readonly gte?: number;
  readonly lte?: number;
  readonly eq?: number;
}

/** When something happened for the first or for the last time; false of what never happened. */
export type OccurrenceCondition = (
  { readonly firstEvent: string } | { readonly lastEvent: string }
) & {
  readonly where?: readonly PropertyFilter[];
  readonly op: 'olderThan' | 'withinLast' | 'before' | 'after';
  /** a length of time; for before and after a time */
  readonly value: Duration | TimeValue;
};

/**
 * Something happened and, for so long after it, something else did not. True from the end of the window until the awaited event
 * comes, for at most `for` (default 90 days).
 */
export interface AbsenceCondition {
  readonly sequence: readonly [OpeningEvent, AwaitedEvent];
  readonly for?: Duration;
}

export interface OpeningEvent {
  readonly event: string;
  readonly where?: readonly PropertyFilter[];
}

export interface AwaitedEvent extends OpeningEvent {
  readonly absent: true;
  readonly within: Duration;
  /** a property that both events must share; who has none there neither opens nor answers */
  readonly same?: string;
}

/** A test over one property (dotted path) of an event; the operators and their null rules are those of traits. */
export interface PropertyFilter {
  readonly property: string;
  readonly op: FilterOperator;
  readonly value?: Json;
}

export interface SegmentDefinition {
  readonly key: string;
  readonly name: string;
  readonly condition: Condition;
}

/** What evaluation may look at. */
export interface CustomerFacts {
  readonly traits: Traits;
  readonly facts: Facts;
  readonly segments: ReadonlySet<string>;
}

export interface Evaluation {
  readonly member: boolean;
  /** the leaf conditions that decided, as sentences */
  readonly because: readonly string[];
  /** when the answer can next change by itself, ms since epoch: may be early, never late; null: not by time alone */
  readonly nextChangeAt: number | null;
}

/** Something counted. Equal facts are shared by all segments: the key says what is counted, not how much of it is kept. */
export type FactDefinition = CountFact | AbsenceFact;

export interface CountFact {
  readonly key: string;
  readonly kind: 'count';
  readonly event: string;
  readonly where: readonly PropertyFilter[];
  /** only these event times; null: all */
  readonly range: TimeRange | null;
  readonly keep: Keep;
}

/** [from, to); null: without an end. */
export interface TimeRange {
  readonly from: number | null;
  readonly to: number | null;
}

/** What is kept beside the total: the newest event times, as many as the largest bound needs, the first and the last. */
export interface Keep {
  readonly times: number;
  readonly first: boolean;
  readonly last: boolean;
}

export interface AbsenceFact {
  readonly key: string;
  readonly kind: 'absence';
  readonly event: string;
  readonly where: readonly PropertyFilter[];
  readonly awaited: string;
  readonly awaitedWhere: readonly PropertyFilter[];
  readonly same: string | null;
}

export interface MembershipChange {
  readonly segment: string;
  readonly version: number;
  readonly change: 'entered' | 'left';
}
