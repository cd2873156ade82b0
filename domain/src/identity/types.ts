import type { StampedRef } from '../shared/index.js';

/** An identifier as data: `{ type: 'email', value: 'ada@example.com' }`, value already normalised for its type. */
export interface IdentifierRef {
  readonly type: string;
  readonly value: string;
}

/** An identifier that a customer holds, and since when on the lane's clock: limits may count those of a window only. */
export interface HeldIdentifier extends IdentifierRef {
  readonly seenAt: number;
}

export type LimitWindow = 'ever' | 'yearly' | 'monthly' | 'weekly';

/**
 * What an identifier may do. `primary` links: it finds its customer and makes one of several. `secondary` finds its customer where
 * no primary one names somebody, and never makes one of two. `disabled` stays on the event and is nobody's.
 */
export type IdentifierLevel = 'primary' | 'secondary' | 'disabled';

/** How one type of identifier behaves. Lower priority number = stronger. */
export interface IdentifierRule {
  readonly type: string;
  readonly priority: number;
  /** how many values of this type one customer may hold, or may gain within the window */
  readonly limit: number;
  readonly window: LimitWindow;
  readonly level: IdentifierLevel;
}

/** Where a profile is full: past this nothing more is linked, and somebody is told. */
export interface ProfileCaps {
  readonly identifiers: number;
  readonly merges: number;
}

export interface IdentityRules {
  readonly identifiers: readonly IdentifierRule[];
  /** values that identify nobody (`null`, `anonymous`, all zeros …): exact, lower-cased */
  readonly blocked: readonly string[];
  /** the same by pattern, over the lower-cased value */
  readonly patterns: readonly RegExp[];
  /** a value that was seen on more profiles than this links nobody; null: no such rule */
  readonly hubProfiles: number | null;
  readonly caps: ProfileCaps;
}

/** The rules as an operator writes them; `compileRules` makes IdentityRules of it. */
export interface IdentityRulesDefinition {
  readonly strategy: 'default' | 'high-fidelity' | 'custom';
  readonly identifiers: readonly {
    readonly type: string;
    readonly priority: number;
    readonly limit: number;
    readonly window?: LimitWindow;
    readonly level?: IdentifierLevel;
  }[];
  readonly blocked: { readonly values: readonly string[]; readonly patterns: readonly string[] };
  readonly hubProfiles: number | null;
  readonly caps: ProfileCaps;
}

/** What resolution must know of a customer: identifiers by type, and its age, which decides who survives. */
export interface CustomerIdentity {
  readonly customerId: string;
  readonly since: StampedRef;
  readonly identifiers: readonly HeldIdentifier[];
  /** how many profiles it has taken in */
  readonly merges: number;
}

/** The part of the identity graph around one event. */
export interface IdentityGraph {
  /** by `identifierKey`, the customer of each identifier of the event that is known; it may hold more */
  readonly found: ReadonlyMap<string, CustomerIdentity>;
  /** the event's instant on the lane's clock */
  readonly now: number;
  /** whether so many profiles share this identifier that it says nothing about anybody */
  readonly isHub?: (ref: IdentifierRef) => boolean;
  /** whether somebody has declared that these two on one event do not make their customers one */
  readonly isSeparated?: (a: IdentifierRef, b: IdentifierRef) => boolean;
}

interface Linked {
  /** what the customer gains */
  readonly added: readonly IdentifierRef[];
  /** what stays with whom it was, or with nobody */
  readonly dropped: readonly IdentifierRef[];
  /** the customer's identifiers on this event, strongest first */
  readonly linked: readonly IdentifierRef[];
}

export type Resolution =
  | ({ readonly kind: 'existing'; readonly customerId: string } & Linked)
  | ({ readonly kind: 'new' } & Linked)
  | ({
      readonly kind: 'merge';
      readonly survivorId: string;
      readonly absorbedIds: readonly string[];
    } & Linked)
  | {
      readonly kind: 'refused';
      readonly code: 'missing_identity' | 'identity_limit';
      readonly detail: string;
      /** the profile that is full */
      readonly full?: { readonly customerId: string; readonly cap: keyof ProfileCaps };
    };
