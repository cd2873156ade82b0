import { compareRefs } from '../shared/index.js';
import { identifierKey, isBlocked } from './normalise.js';
import { ruleFor } from './rules.js';
import type { CustomerIdentity, IdentifierRef, IdentityRules, Resolution } from './types.js';

/**
 * Whose event is this? Looks every identifier of the event up: nobody known makes a new customer, one known is it, several
 * become one. Where that would give a customer more identifiers of a type than its limit, the weakest identifier of the event is
 * left out and it is tried again; so two user ids never meet over a shared tablet's anonymous id.
 *
 * Deterministic for a given order of events. Without limits in the way, the customers are the connected components of
 * identifiers, whatever the order; with limits the order matters, which is why a lane has only one.
 *
 * `found` holds, by `identifierKey`, the customer of each identifier of the event that is known; it may hold more.
 */
export function resolveIdentity(
  identifiers: readonly IdentifierRef[],
  rules: IdentityRules,
  found: ReadonlyMap<string, CustomerIdentity>,
): Resolution {
  const candidates = usable(identifiers, rules);
  if (candidates.length === 0) {
    return {
      kind: 'refused',
      code: 'missing_identity',
      detail: 'no identifier that identifies anybody',
    };
  }
  for (let kept = candidates.length; kept > 0; kept--) {
    const set = candidates.slice(0, kept);
    const customers = owners(set, found);
    if (withinLimits(set, customers, rules)) return settle(candidates, kept, customers, found);
  }
  return {
    kind: 'refused',
    code: 'identity_limit',
    detail: 'every identifier would break a limit',
  };
}

/** Without blocked values and repeats, strongest first; equal ones by type and value, so that no sender's order matters. */
function usable(identifiers: readonly IdentifierRef[], rules: IdentityRules): IdentifierRef[] {
  const distinct = new Map<string, IdentifierRef>();
  for (const ref of identifiers) {
    if (!isBlocked(ref.value, rules)) distinct.set(identifierKey(ref), ref);
  }
  const refs = [...distinct.values()];
  if (refs.length < 2) return refs;
  return refs.sort(
    (a, b) =>
      ruleFor(rules, a.type).priority - ruleFor(rules, b.type).priority ||
      compareText(a.type, b.type) ||
      compareText(a.value, b.value),
  );
}

/** The customers of the set, oldest first. */
function owners(
  set: readonly IdentifierRef[],
  found: ReadonlyMap<string, CustomerIdentity>,
): CustomerIdentity[] {
  const byId = new Map<string, CustomerIdentity>();
  for (const ref of set) {
    const customer = found.get(identifierKey(ref));
    if (customer !== undefined) byId.set(customer.customerId, customer);
  }
  return [...byId.values()].sort(
    (a, b) => compareRefs(a.since, b.since) || compareText(a.customerId, b.customerId),
  );
}

/** Only what grows can break a limit: a customer from before a limit was lowered is still found by what it has. */
function withinLimits(
  set: readonly IdentifierRef[],
  customers: readonly CustomerIdentity[],
  rules: IdentityRules,
): boolean {
  const united = countByType([set, ...customers.map((customer) => customer.identifiers)]);
  for (const [type, count] of united) {
    if (count <= ruleFor(rules, type).limit) continue;
    const before = customers.map((customer) => countByType([customer.identifiers]).get(type) ?? 0);
    if (count > Math.max(0, ...before)) return false;
  }
  return true;
}

function countByType(sets: readonly (readonly IdentifierRef[])[]): Map<string, number> {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  for (const ref of sets.flat()) {
    const key = identifierKey(ref);
    if (seen.has(key)) continue;
    seen.add(key);
    counts.set(ref.type, (counts.get(ref.type) ?? 0) + 1);
  }
  return counts;
}

function settle(
  candidates: readonly IdentifierRef[],
  kept: number,
  customers: readonly CustomerIdentity[],
  found: ReadonlyMap<string, CustomerIdentity>,
): Resolution {
  const ids = new Set(customers.map((customer) => customer.customerId));
  const added = candidates.slice(0, kept).filter((ref) => !found.has(identifierKey(ref)));
  // An identifier that was left out but is this customer's anyway has lost nothing.
  const dropped = candidates
    .slice(kept)
    .filter((ref) => !ids.has(found.get(identifierKey(ref))?.customerId ?? ''));
  const [survivor, ...absorbed] = customers;
  if (survivor === undefined) return { kind: 'new', added, dropped };
  if (absorbed.length === 0) {
    return { kind: 'existing', customerId: survivor.customerId, added, dropped };
  }
  return {
    kind: 'merge',
    survivorId: survivor.customerId,
    absorbedIds: absorbed.map((customer) => customer.customerId),
    added,
    dropped,
  };
}

/** By code unit: a locale would order differently from machine to machine. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
