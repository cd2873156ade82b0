import { identifierKey } from './normalise.js';
import { ruleFor, windowStart } from './rules.js';
import type { CustomerIdentity, IdentifierRef, IdentityRules, ProfileCaps } from './types.js';

/** What an event would make of some customers: one, who holds all that they and the event have. */
export interface Union {
  readonly set: readonly IdentifierRef[];
  readonly customers: readonly CustomerIdentity[];
  readonly now: number;
}

/** Only what grows can break a limit: a customer from before a limit was lowered is still found by what it has. */
export function withinLimits(union: Union, rules: IdentityRules): boolean {
  const held = union.customers.map((customer) =>
    countOf({ ...union, set: [], customers: [customer] }, rules),
  );
  for (const [type, count] of countOf(union, rules)) {
    if (count <= ruleFor(rules, type).limit) continue;
    if (count > Math.max(0, ...held.map((counts) => counts.get(type) ?? 0))) return false;
  }
  return true;
}

/** Values by type, each once, those of the limit's window only; what is new is of this instant. */
function countOf({ set, customers, now }: Union, rules: IdentityRules): Map<string, number> {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  const count = (ref: IdentifierRef): void => {
    const key = identifierKey(ref);
    if (seen.has(key)) return;
    seen.add(key);
    counts.set(ref.type, (counts.get(ref.type) ?? 0) + 1);
  };
  for (const { identifiers } of customers) {
    for (const held of identifiers) {
      if (held.seenAt > windowStart(ruleFor(rules, held.type), now)) count(held);
      else seen.add(identifierKey(held));
    }
  }
  for (const ref of set) count(ref);
  return counts;
}

/** Which cap of the whole profile the union would break, and whose profile that is. */
export function fullProfile(
  { set, customers }: Union,
  { caps }: IdentityRules,
): { readonly customerId: string; readonly cap: keyof ProfileCaps } | null {
  const [survivor] = customers;
  if (survivor === undefined) return null;
  const { customerId } = survivor;
  const merges = customers.reduce((all, one) => all + one.merges, customers.length - 1);
  if (customers.length > 1 && merges > caps.merges) return { customerId, cap: 'merges' };
  const largest = Math.max(...customers.map(({ identifiers }) => identifiers.length));
  const keys = [...set, ...customers.flatMap(({ identifiers }) => identifiers)].map(identifierKey);
  const united = new Set(keys).size;
  return united > caps.identifiers && united > largest ? { customerId, cap: 'identifiers' } : null;
}
