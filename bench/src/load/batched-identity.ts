/**
 * Resolution by batches, as a lane does it: what a batch touches of the graph is taken out, its events are placed one after the
 * other, and what has changed is put back. The graph stands in memory here, so that resolution alone is timed.
 */
import {
  DEFAULT_RULES,
  identifierKey,
  IdentityDirectory,
  type IdentifierRef,
  type Placement,
} from '@throughline/domain/identity';
import type { StampedRef } from '@throughline/domain/shared';

interface Held {
  readonly ref: IdentifierRef;
  readonly originId: string;
  readonly seenAt: number;
}

interface HeldCustomer {
  readonly since: StampedRef;
  readonly merges: number;
  readonly identifiers: Held[];
}

export class BatchedIdentity {
  refused = 0;
  merged = 0;
  private readonly customers = new Map<string, HeldCustomer>();
  private readonly owners = new Map<string, string>();
  private readonly sightings = new Map<string, Set<string>>();
  private ids = 0;
  private position = 0;

  get size(): number {
    return this.customers.size;
  }

  apply(batch: readonly (readonly IdentifierRef[])[]): void {
    const directory = this.takeOut(batch);
    this.position += 1;
    for (const [ordinal, refs] of batch.entries()) {
      const at = { position: this.position, ordinal, clock: this.position };
      const placement = directory.place(refs, at, () => `c${(this.ids += 1)}`);
      if (placement.kind === 'placed') this.putBack(placement, at);
      else this.refused += 1;
    }
    for (const { type, value, customerId } of directory.sightings)
      this.seenBy(identifierKey({ type, value })).add(customerId);
  }

  private takeOut(batch: readonly (readonly IdentifierRef[])[]): IdentityDirectory {
    const directory = new IdentityDirectory(DEFAULT_RULES);
    const known = new Set<string>();
    for (const ref of batch.flat()) {
      const key = identifierKey(ref);
      const customerId = this.owners.get(key);
      for (const seenOn of this.sightings.get(key) ?? []) directory.knowSighting(ref, seenOn);
      if (customerId === undefined || known.has(customerId)) continue;
      known.add(customerId);
      const customer = this.customers.get(customerId);
      if (customer === undefined) continue;
      const { since, merges } = customer;
      directory.knowCustomer({ customerId, since, merges });
      for (const { ref: held, originId, seenAt } of customer.identifiers)
        directory.knowIdentifier({ ...held, customerId, originId, seenAt });
    }
    return directory;
  }

  private putBack(placement: Placement, at: StampedRef): void {
    const { customerId, originId, added, absorbed, isNew } = placement;
    if (isNew) this.customers.set(customerId, { since: at, merges: 0, identifiers: [] });
    for (const absorbedId of absorbed) this.absorb(customerId, absorbedId);
    const customer = this.customers.get(customerId);
    for (const ref of added) {
      customer?.identifiers.push({ ref, originId, seenAt: at.clock });
      this.owners.set(identifierKey(ref), customerId);
    }
  }

  private absorb(survivorId: string, absorbedId: string): void {
    const survivor = this.customers.get(survivorId);
    const absorbed = this.customers.get(absorbedId);
    if (survivor === undefined || absorbed === undefined) return;
    this.merged += 1;
    this.customers.delete(absorbedId);
    for (const { ref } of absorbed.identifiers) this.owners.set(identifierKey(ref), survivorId);
    this.customers.set(survivorId, {
      ...survivor,
      merges: survivor.merges + absorbed.merges + 1,
      identifiers: [...survivor.identifiers, ...absorbed.identifiers],
    });
  }

  private seenBy(key: string): Set<string> {
    const seen = this.sightings.get(key) ?? new Set<string>();
    this.sightings.set(key, seen);
    return seen;
  }
}
