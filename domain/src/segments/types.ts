import type { Json } from '../shared/index.js';
import type { Facts, Traits } from '../profiles/types.js';

/** The condition tree. What is not here yet has nothing behind it yet. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | TraitCondition
  | EventCondition
  | { readonly segment: string };

export interface TraitCondition {
  readonly trait: string;
  readonly op: TraitOperator;
  readonly value?: Json;
}

export type TraitOperator =
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

export interface EventCondition {
  readonly event: string;
  readonly where?: readonly PropertyFilter[];
  /** default: at least once. `{ eq: 0 }` = never */
  readonly count?: CountBound;
  readonly within?: 'ever';
}

export interface CountBound {
  readonly gte?: number;
  readonly lte?: number;
  readonly eq?: number;
}

/** A test over one property (dotted path) of an event; the operators and their null rules are those of traits. */
export interface PropertyFilter {
  readonly property: string;
  readonly op: TraitOperator;
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
  /** when the answer can next change by itself, ms since epoch; null while no operator depends on time */
  readonly nextChangeAt: number | null;
}

/** Something counted: one event name and filter. Equal facts are shared by all segments. */
export interface FactDefinition {
  readonly key: string;
  readonly event: string;
  readonly where: readonly PropertyFilter[];
}

export interface MembershipChange {
  readonly segment: string;
  readonly version: number;
  readonly change: 'entered' | 'left';
}
