import type { Condition, PropertyFilter } from '../segments/types.js';
import type { Duration, JsonObject, Weekday } from '../shared/index.js';

/** A journey as it is written: JSON of one shape, whoever writes it. */

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
  /** IANA zone of people whose trait `timezone` names none; default UTC */
  readonly timezone?: string;
  /** messages wait for the end of these; class `transactional` does not */
  readonly quietHours?: Hours;
  /** a share of people who get nothing, so that the rest can be compared with them */
  readonly holdout?: Holdout;
}

export type Trigger =
  | { readonly kind: 'event'; readonly event: string; readonly where?: readonly PropertyFilter[] }
  | { readonly kind: 'segment'; readonly segment: string; readonly on: 'entered' | 'left' }
  | DateTrigger;

/** A day that a trait names (a birthday, a renewal), at a time of the person's own clock. 29 February is the 28th in other years. */
export interface DateTrigger {
  readonly kind: 'date';
  readonly trait: string;
  readonly repeat: 'yearly' | 'once';
  readonly at: string;
  /** whole days */
  readonly offset?: Offset;
}

export type Offset = { readonly before: Duration } | { readonly after: Duration };

/** Hours of the person's clock; `to` not after `from`: until the next day. Days are those on which they begin. */
export interface Hours {
  readonly from: string;
  readonly to: string;
  readonly weekdays?: readonly Weekday[];
}

export interface Holdout {
  readonly percent: number;
  /** default: the journey's key. Journeys with the same salt leave out the same people */
  readonly salt?: string;
}

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
/** The moment at which a condition begins to hold. Published, it becomes a change of a hidden segment (hidden-segments.ts). */
export interface ConditionMatch {
  readonly kind: 'condition';
  readonly when: Condition;
}
export type Match = EventMatch | SegmentMatch | ConditionMatch;

export type ExitRule = Match & { readonly id: string; readonly reason?: string };
/** Counts for `window` from the entry, default seven days, after the run has ended too. */
export type Goal = Match & { readonly id: string; readonly window?: Duration };

export type Step =
  | DelayStep
  | WindowStep
  | WaitForStep
  | SplitStep
  | RandomSplitStep
  | MessageStep
  | SendStep
  | UpdateProfileStep
  | ExitStep;
export type StepKind = Step['kind'];

/** One of the two: a length of time, or a moment of the person's clock. */
export interface DelayStep {
  readonly kind: 'delay';
  readonly duration?: Duration;
  readonly until?: LocalTimeMoment | DateMoment;
  readonly next: string;
}
/** The next time that the person's clock shows `at`, on one of the days. */
export interface LocalTimeMoment {
  readonly kind: 'localTime';
  readonly at: string;
  readonly weekdays?: readonly Weekday[];
}
/** A date that a trait names, give or take. With `at`: that time of that day of the person's clock, and the offset is whole days. */
export interface DateMoment {
  readonly kind: 'date';
  readonly trait: string;
  readonly offset?: Offset;
  readonly at?: string;
  /** when the date is over, or there is none */
  readonly ifPast: IfPast;
}
export type IfPast = 'continue' | 'exit' | { readonly branch: string };
/** Goes on within these hours of the person's clock only. */
export interface WindowStep {
  readonly kind: 'window';
  readonly hours: Hours;
  readonly next: string;
  /** where to go outside of the hours; default: wait until they begin */
  readonly outside?: string;
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
/** By weight; the same person goes the same way at every visit, and a new branch takes from the others what it needs only. */
export interface RandomSplitStep {
  readonly kind: 'randomSplit';
  /** default: of journey and step. Steps with the same salt and branches send a person the same way */
  readonly salt?: string;
  readonly branches: readonly {
    readonly id: string;
    readonly weight: number;
    readonly next: string;
  }[];
}
export type MessageChannel = 'email' | 'sms' | 'push';

export interface MessageStep {
  readonly kind: 'message';
  readonly channel: MessageChannel;
  /** one of the two: who carries it, or who does in turn. The next is tried only where the one before it has certainly sent nothing */
  readonly connection?: string;
  readonly connections?: readonly string[];
  readonly template: string;
  /** instead, where the person cannot be reached on the channel or nobody could carry the message there */
  readonly fallback?: MessageFallback;
  /** what frequency caps count it as; default `marketing`. `transactional` is under no cap and no quiet hours */
  readonly class?: string;
  /** a code that the message gives away; over that of the template */
  readonly coupon?: CouponUse;
  /** what becomes of it over a frequency cap; default `skip` */
  readonly onCapped?: 'skip' | 'wait';
  readonly next: string;
  readonly onError?: string;
  readonly onUnknown?: string;
}
export interface MessageFallback {
  readonly channel: MessageChannel;
  readonly connection: string;
  readonly template: string;
}
export interface CouponUse {
  readonly pool: string;
  /** what becomes of the message when the pool is empty; default `skip` */
  readonly whenEmpty?: 'skip' | 'fail';
}
export interface SendStep {
  readonly kind: 'sendToDestination';
  readonly connection: string;
  readonly action: string;
  /** JSON with `{ "$path": "trigger.properties.cart_id" }` and literals */
  readonly input: JsonObject;
  /** in a journey with a purpose: the channel whose consent is asked for, default `email`; `none`: nothing of the person is handed on */
  readonly consent?: { readonly channel: string } | 'none';
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
