import type { StampedRef } from '../shared/index.js';
import { identifierKey, isBlocked } from './normalise.js';
import { resolveIdentity, usable } from './resolve-identity.js';
import { ruleFor } from './rules.js';
import type {
  CustomerIdentity,
  HeldIdentifier,
  IdentifierRef,
  IdentityRules,
  ProfileCaps,
  Resolution,
} from './types.js';

/** One identifier as it is known: whose it is now, and whose it was when it was first seen, which no merge changes. */
export interface KnownIdentifier extends HeldIdentifier {
  readonly customerId: string;
  readonly originId: string;
}

export type KnownCustomer = Omit<CustomerIdentity, 'identifiers'>;

interface CustomerInHand extends KnownCustomer {
  readonly identifiers: HeldIdentifier[];
}

/** What becomes of one event. */
export interface Placement {
  readonly kind: 'placed';
  readonly customerId: string;
  /** the profile, of those that have become this customer, that the event is of: where it stays if they are parted again */
  readonly originId: string;
  readonly isNew: boolean;
  readonly added: readonly IdentifierRef[];
  readonly absorbed: readonly string[];
}

export type Refusal = Extract<Resolution, { kind: 'refused' }>;

/** Somebody has to look at this. */
export type IdentityAlert =
  | { readonly kind: 'hub'; readonly identifier: IdentifierRef; readonly at: StampedRef }
  | { readonly kind: keyof ProfileCaps; readonly customerId: string; readonly at: StampedRef };

/** An identifier came on an event of a customer who is not its owner. */
export interface Sighting extends IdentifierRef {
  readonly customerId: string;
  readonly at: StampedRef;
}

/** The part of the identity graph that some events touch, kept in memory while they are resolved one after the other. */
export class IdentityDirectory {
  /** what is new in here, in the order of the events */
  readonly sightings: Sighting[] = [];
  readonly alerts: IdentityAlert[] = [];
  private readonly owners = new Map<string, string>();
  private readonly origins = new Map<string, string>();
  private readonly customers = new Map<string, CustomerInHand>();
  private readonly absorbed = new Map<string, string>();
  private readonly seenOn = new Map<string, Set<string>>();
  private readonly separated = new Set<string>();
  private readonly blocked = new Map<string, boolean>();

  constructor(private readonly rules: IdentityRules) {}

  knowCustomer(customer: KnownCustomer): void {
    this.customers.set(customer.customerId, { ...customer, identifiers: [] });
  }

  knowIdentifier({ type, value, seenAt, customerId, originId }: KnownIdentifier): void {
    const key = identifierKey({ type, value });
    if (!this.owners.has(key)) this.hold(customerId, originId, [{ type, value, seenAt }]);
  }

  /** `absorbedId` has become `customerId`, at some time before. */
  knowMerged(absorbedId: string, customerId: string): void {
    this.absorbed.set(absorbedId, customerId);
  }

  knowSighting(ref: IdentifierRef, customerId: string): void {
    this.seenBy(identifierKey(ref)).add(customerId);
  }

  knowSeparation(a: IdentifierRef, b: IdentifierRef): void {
    this.separated.add(pairKey(a, b));
  }

  known(): string[] {
    return [...this.customers.keys()];
  }

  /** Who a customer is by now; null for one who is not here. */
  survivorOf(customerId: string): string | null {
    let current = customerId;
    for (
      let next = this.absorbed.get(current);
      next !== undefined && next !== current;
      next = this.absorbed.get(current)
    ) {
      current = next;
    }
    return this.customers.has(current) ? current : null;
  }

  ownerOf(ref: IdentifierRef): string | undefined {
    return this.owners.get(identifierKey(ref));
  }

  /** `newId` names the customer whom the event makes, if it makes one. */
  place(refs: readonly IdentifierRef[], at: StampedRef, newId: () => string): Placement | Refusal {
    const single = this.singleOwner(refs);
    if (single !== null) {
      const originId = this.originOf(refs, single);
      return {
        kind: 'placed',
        customerId: single,
        originId,
        isNew: false,
        added: [],
        absorbed: [],
      };
    }
    const resolution = resolveIdentity(refs, this.rules, {
      found: this.found(refs),
      now: at.clock,
      isHub: (ref) => this.isHub(ref),
      ...(this.separated.size === 0
        ? {}
        : { isSeparated: (a, b) => this.separated.has(pairKey(a, b)) }),
    });
    return this.settle(resolution, at, newId);
  }

  /** The usual case, without allocating: every identifier is known and links, and one customer holds them all. */
  private singleOwner(refs: readonly IdentifierRef[]): string | null {
    let owner: string | null = null;
    for (const ref of refs) {
      const holder = this.owners.get(identifierKey(ref));
      if (holder === undefined || (owner !== null && holder !== owner)) return null;
      if (this.isIdle(ref) || this.isHub(ref)) return null;
      owner = holder;
    }
    return owner;
  }

  private isIdle(ref: IdentifierRef): boolean {
    const key = identifierKey(ref);
    let idle = this.blocked.get(key);
    if (idle === undefined) {
      idle = isBlocked(ref.value, this.rules) || ruleFor(this.rules, ref.type).level === 'disabled';
      this.blocked.set(key, idle);
    }
    return idle;
  }

  private isHub(ref: IdentifierRef): boolean {
    const { hubProfiles } = this.rules;
    const others = this.seenOn.get(identifierKey(ref))?.size ?? 0;
    return hubProfiles !== null && others >= hubProfiles;
  }

  private found(refs: readonly IdentifierRef[]): Map<string, CustomerIdentity> {
    const found = new Map<string, CustomerIdentity>();
    for (const ref of refs) {
      const owner = this.owners.get(identifierKey(ref));
      const identity = owner === undefined ? undefined : this.customers.get(owner);
      if (identity) found.set(identifierKey(ref), identity);
    }
    return found;
  }

  private settle(resolution: Resolution, at: StampedRef, newId: () => string): Placement | Refusal {
    if (resolution.kind === 'refused') {
      const { full } = resolution;
      if (full !== undefined) this.alerts.push({ kind: full.cap, customerId: full.customerId, at });
      return resolution;
    }
    const { added, dropped, linked } = resolution;
    const customerId = this.customerOf(resolution, at, newId);
    const absorbed = resolution.kind === 'merge' ? resolution.absorbedIds : [];
    for (const absorbedId of absorbed) this.absorb(customerId, absorbedId);
    const originId = this.originOf(linked, customerId);
    this.hold(
      customerId,
      originId,
      added.map((ref) => ({ ...ref, seenAt: at.clock })),
    );
    for (const ref of dropped) this.sight(ref, customerId, at);
    const isNew = resolution.kind === 'new';
    return { kind: 'placed', customerId, originId, isNew, added, absorbed };
  }

  private customerOf(
    resolution: Exclude<Resolution, Refusal>,
    at: StampedRef,
    newId: () => string,
  ): string {
    switch (resolution.kind) {
      case 'existing':
        return resolution.customerId;
      case 'merge':
        return resolution.survivorId;
      case 'new': {
        const customerId = newId();
        this.knowCustomer({ customerId, since: at, merges: 0 });
        return customerId;
      }
    }
  }

  /** An event is of the profile that its strongest identifier was first seen on. */
  private originOf(refs: readonly IdentifierRef[], customerId: string): string {
    const [first, ...rest] = refs;
    if (first === undefined) return customerId;
    const origin = this.origins.get(identifierKey(first));
    if (rest.every((ref) => this.origins.get(identifierKey(ref)) === origin))
      return origin ?? customerId;
    for (const ref of usable(refs, this.rules, {})) {
      const strongest = this.origins.get(identifierKey(ref));
      if (strongest !== undefined) return strongest;
    }
    return customerId;
  }

  private hold(customerId: string, originId: string, added: readonly HeldIdentifier[]): void {
    const customer = this.customers.get(customerId);
    if (!customer || added.length === 0) return;
    for (const ref of added) {
      customer.identifiers.push(ref);
      this.owners.set(identifierKey(ref), customerId);
      this.origins.set(identifierKey(ref), originId);
    }
  }

  private absorb(survivorId: string, absorbedId: string): void {
    const survivor = this.customers.get(survivorId);
    const absorbed = this.customers.get(absorbedId);
    if (!survivor || !absorbed) return;
    this.customers.delete(absorbedId);
    this.absorbed.set(absorbedId, survivorId);
    this.customers.set(survivorId, {
      ...survivor,
      identifiers: [...survivor.identifiers, ...absorbed.identifiers],
      merges: survivor.merges + absorbed.merges + 1,
    });
    for (const ref of absorbed.identifiers) this.owners.set(identifierKey(ref), survivorId);
  }

  /** Only what is somebody else's can be shared; counted until it is a hub, and no further. */
  private sight(ref: IdentifierRef, customerId: string, at: StampedRef): void {
    const key = identifierKey(ref);
    if (!this.owners.has(key) || this.isHub(ref)) return;
    const seen = this.seenBy(key);
    if (seen.has(customerId)) return;
    seen.add(customerId);
    this.sightings.push({ type: ref.type, value: ref.value, customerId, at });
    if (this.isHub(ref))
      this.alerts.push({ kind: 'hub', identifier: { type: ref.type, value: ref.value }, at });
  }

  private seenBy(key: string): Set<string> {
    const seen = this.seenOn.get(key) ?? new Set<string>();
    this.seenOn.set(key, seen);
    return seen;
  }
}

function pairKey(a: IdentifierRef, b: IdentifierRef): string {
  const [first, second] = [identifierKey(a), identifierKey(b)].sort();
  // Neither can hold a control character: see normaliseIdentifier.
  return `${String(first)}\n${String(second)}`;
}
