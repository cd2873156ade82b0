/** Would the recommendations of a week ago have named what was bought since? Measured beside naming what is popular. */
import { buildModel } from './build-model.js';
import { recommendFor } from './recommend.js';
import type { ModelSettings, Purchase, RecommendationModel } from './types.js';

export interface HoldOutOptions extends ModelSettings {
  /** ms at the end of the log that are held back */
  readonly heldBackMs: number;
  readonly n: number;
  /** how a customer's purchases become baskets: each order, or all they ever bought */
  readonly basket: 'order' | 'customer';
}

export interface HoldOutScore {
  readonly customers: number;
  readonly hitRate: number;
  readonly popularityHitRate: number;
  readonly baskets: number;
  readonly items: number;
  readonly pairs: number;
}

/**
 * Of the customers who had bought before and bought something new in the time held back: the share to whom one of `n` named
 * items was sold. What a customer had before counts for neither side, since it is never recommended.
 */
export function holdOut(log: readonly Purchase[], options: HoldOutOptions): HoldOutScore {
  const end = log.reduce((latest, { at }) => Math.max(latest, at), 0);
  const cut = end - options.heldBackMs;
  const before = log.filter(({ at }) => at <= cut);
  const model = buildModel(basketsOf(before, options.basket), options);
  const known = itemsByCustomer(before);
  const later = itemsByCustomer(log.filter(({ at }) => at > cut));
  const popular = { ...model, related: new Map() } satisfies RecommendationModel;
  let customers = 0;
  const hits = { model: 0, popularity: 0 };
  for (const [customer, bought] of later) {
    const exclude = known.get(customer);
    if (exclude === undefined) continue;
    const wanted = [...bought].filter((item) => !exclude.has(item));
    if (wanted.length === 0) continue;
    customers += 1;
    const request = { n: options.n, exclude };
    if (hit(recommendFor(exclude, model, request), wanted)) hits.model += 1;
    if (hit(recommendFor(exclude, popular, request), wanted)) hits.popularity += 1;
  }
  return {
    customers,
    hitRate: rate(hits.model, customers),
    popularityHitRate: rate(hits.popularity, customers),
    baskets: model.baskets,
    items: model.items.size,
    pairs: [...model.related.values()].reduce((sum, kept) => sum + kept.length, 0),
  };
}

function basketsOf(log: readonly Purchase[], basket: 'order' | 'customer'): Iterable<string[]> {
  const baskets = new Map<string, string[]>();
  for (const { customer, at, item } of log) {
    const key = basket === 'order' ? `${at}\u0000${customer}` : customer;
    const held = baskets.get(key);
    if (held === undefined) baskets.set(key, [item]);
    else held.push(item);
  }
  return baskets.values();
}

function itemsByCustomer(log: readonly Purchase[]): Map<string, Set<string>> {
  const owned = new Map<string, Set<string>>();
  for (const { customer, item } of log) {
    const held = owned.get(customer);
    if (held === undefined) owned.set(customer, new Set([item]));
    else held.add(item);
  }
  return owned;
}

function hit(named: readonly { readonly itemId: string }[], wanted: readonly string[]): boolean {
  return named.some(({ itemId }) => wanted.includes(itemId));
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
