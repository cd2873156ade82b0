import { compareRefs } from '../shared/index.js';
import { fullProfile, withinLimits } from './limits.js';
import { identifierKey, isBlocked } from './normalise.js';
import { ruleFor } from './rules.js';
import type {
  CustomerIdentity,
  IdentifierRef,
  IdentityGraph,
  IdentityRules,
  Resolution,
} from './types.js';

/**
 * Whose event is this? Looks every identifier of the event up: nobody known makes a new customer, one known is it, several
 * become one. Where that would give a customer more identifiers of a type than its limit, or make one of two whom somebody has
 * declared to be two, the weakest identifier of the event is left out and it is tried again; so two user ids never meet over a
 * shared tablet's anonymous id.
 *
 * Deterministic for a given order of events. Without limits in the way, the customers are the connected components of
 * identifiers, whatever the order; with limits the order matters, which is why a lane has only one.
 */
export function resolveIdentity(
  identifiers: readonly IdentifierRef[],
  rules: IdentityRules,
  graph: IdentityGraph,
): Resolution {
  const candidates = usable(identifiers, rules, graph);
  if (candidates.length === 0) {
    return {
      kind: 'refused',
      code: 'missing_identity',
      detail: 'no identifier that identifies anybody',
    };
  }
  for (let kept = candidates.length; kept > 0; kept--) {
    const set = candidates.slice(0, kept);
    const customers = owners(set, rules, graph);
    const own = ownOf(set, customers, graph);
    const union = { set: own, customers, now: graph.now };
    if (!withinLimits(union, rules) || !isTied(own, customers, graph)) continue;
    const full = fullProfile(union, rules);
    if (full !== null) {
      return {
        kind: 'refused',
        code: 'identity_limit',
        detail: `the profile is full: ${full.cap}`,
        full,
      };
    }
    return settle(candidates, { own, customers, graph });
  }
  return {
    kind: 'refused',
    code: 'identity_limit',
    detail: 'every identifier would break a limit',
  };
}

/** What links: without blocked values and repeats, strongest first; equal ones by type and value, so that no sender's order matters. */
export function usable(
  identifiers: readonly IdentifierRef[],
  rules: IdentityRules,
  { isHub }: Pick<IdentityGraph, 'isHub'>,
): IdentifierRef[] {
  const distinct = new Map<string, IdentifierRef>();
  for (const ref of identifiers) {
    const idle = isBlocked(ref.value, rules) || ruleFor(rules, ref.type).level === 'disabled';
    if (!idle && isHub?.(ref) !== true) distinct.set(identifierKey(ref), ref);
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

/** The customers of the set, oldest first: all of its primary identifiers', or where these name nobody, one secondary's. */
function owners(
  set: readonly IdentifierRef[],
  rules: IdentityRules,
  { found }: IdentityGraph,
): CustomerIdentity[] {
  const isPrimary = ({ type }: IdentifierRef): boolean => ruleFor(rules, type).level === 'primary';
  const primaries = set.filter(isPrimary);
  const byId = new Map<string, CustomerIdentity>();
  for (const ref of primaries) {
    const customer = found.get(identifierKey(ref));
    if (customer !== undefined) byId.set(customer.customerId, customer);
  }
  if (byId.size > 0) {
    return [...byId.values()].sort(
      (a, b) => compareRefs(a.since, b.since) || compareText(a.customerId, b.customerId),
    );
  }
  for (const ref of set) {
    const customer = found.get(identifierKey(ref));
    // Who is known by a primary identifier already is somebody else than the one whom this event names by a new one.
    const taken = primaries.length > 0 && customer?.identifiers.some(isPrimary) === true;
    if (customer !== undefined && !taken) return [customer];
  }
  return [];
}

/** Those of the set that are these customers', or nobody's yet. */
function ownOf(
  set: readonly IdentifierRef[],
  customers: readonly CustomerIdentity[],
  { found }: IdentityGraph,
): IdentifierRef[] {
  return set.filter((ref) => {
    const owner = found.get(identifierKey(ref));
    return (
      owner === undefined || customers.some(({ customerId }) => customerId === owner.customerId)
    );
  });
}

/** Whether the customers hang together by pairs of identifiers that nobody has separated. */
function isTied(
  set: readonly IdentifierRef[],
  customers: readonly CustomerIdentity[],
  { found, isSeparated }: IdentityGraph,
): boolean {
  const [first] = customers;
  if (isSeparated === undefined || first === undefined || customers.length < 2) return true;
  const known = set.flatMap((ref) => {
    const owner = found.get(identifierKey(ref));
    return owner === undefined ? [] : [{ ref, owner: owner.customerId }];
  });
  const reached = new Set([first.customerId]);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const a of known) {
      if (!reached.has(a.owner)) continue;
      for (const b of known) if (!isSeparated(a.ref, b.ref)) reached.add(b.owner);
    }
  }
  return reached.size === customers.length;
}

interface Settled {
  readonly own: readonly IdentifierRef[];
  readonly customers: readonly CustomerIdentity[];
  readonly graph: IdentityGraph;
}

function settle(
  candidates: readonly IdentifierRef[],
  { own, customers, graph: { found } }: Settled,
): Resolution {
  const ids = new Set(customers.map((customer) => customer.customerId));
  const isTheirs = (ref: IdentifierRef): boolean =>
    ids.has(found.get(identifierKey(ref))?.customerId ?? '');
  const added = own.filter((ref) => !found.has(identifierKey(ref)));
  // An identifier that was left out but is this customer's anyway has lost nothing.
  const linked = candidates.filter((ref) => isTheirs(ref) || added.includes(ref));
  const dropped = candidates.filter((ref) => !linked.includes(ref));
  const links = { added, dropped, linked };
  const [survivor, ...absorbed] = customers;
  if (survivor === undefined) return { kind: 'new', ...links };
  if (absorbed.length === 0) return { kind: 'existing', customerId: survivor.customerId, ...links };
  return {
    kind: 'merge',
    survivorId: survivor.customerId,
    absorbedIds: absorbed.map((customer) => customer.customerId),
    ...links,
  };
}

/** By code unit: a locale would order differently from machine to machine. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
