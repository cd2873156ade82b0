import type { StampedRef } from '../shared/index.js';

/** An identifier as data: `{ type: 'email', value: 'ada@example.com' }`, value already normalised for its type. */
export interface IdentifierRef {
  readonly type: string;
  readonly value: string;
}

/** How one type of identifier behaves. Lower priority number = stronger. */
export interface IdentifierRule {
  readonly type: string;
  readonly priority: number;
  /** how many values of this type one customer may hold */
  readonly limit: number;
}

export interface IdentityRules {
  readonly identifiers: readonly IdentifierRule[];
  /** values that identify nobody (`null`, `anonymous`, all zeros …): exact, lower-cased */
  readonly blocked: readonly string[];
}

/** What resolution must know of a customer: identifiers by type, and its age, which decides who survives. */
export interface CustomerIdentity {
  readonly customerId: string;
  readonly since: StampedRef;
  readonly identifiers: readonly IdentifierRef[];
}

export type Resolution =
  | {
      readonly kind: 'existing';
      readonly customerId: string;
      readonly added: readonly IdentifierRef[];
      readonly dropped: readonly IdentifierRef[];
    }
  | {
      readonly kind: 'new';
      readonly added: readonly IdentifierRef[];
      readonly dropped: readonly IdentifierRef[];
    }
  | {
      readonly kind: 'merge';
      readonly survivorId: string;
      readonly absorbedIds: readonly string[];
      readonly added: readonly IdentifierRef[];
      readonly dropped: readonly IdentifierRef[];
    }
  | {
      readonly kind: 'refused';
      readonly code: 'missing_identity' | 'identity_limit';
      readonly detail: string;
    };
