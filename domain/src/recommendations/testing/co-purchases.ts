/** A shop whose customers have tastes: items belong to groups, most of a customer's orders come from one of them. */
import { seededChance } from '../../shared/index.js';
import type { Purchase } from '../types.js';

export interface ShopOptions {
  readonly seed: number;
  readonly customers: number;
  readonly days: number;
  /** 0: everybody buys anything, and nothing can be learnt */
  readonly taste: number;
}

const GROUPS = 8;
const ITEMS_IN_GROUP = 15;
const DAY_MS = 86_400_000;

/** The same log for the same seed. Within a group, and over all, some items sell much more than others. */
export function coPurchases({ seed, customers, days, taste }: ShopOptions): Purchase[] {
  const chance = seededChance(seed);
  const log: Purchase[] = [];
  for (let index = 0; index < customers; index += 1) {
    const favourite = Math.floor(chance() * GROUPS);
    for (let day = Math.floor(chance() * 20); day < days; day += 1 + Math.floor(chance() * 20)) {
      const lines = 1 + Math.floor(chance() * 4);
      const at = day * DAY_MS + index;
      for (let line = 0; line < lines; line += 1) {
        const group = chance() < taste ? favourite : Math.floor(chance() * GROUPS);
        const item = Math.floor(chance() ** 2 * ITEMS_IN_GROUP);
        log.push({ customer: `c-${index}`, at, item: `g${group}-i${item}` });
      }
    }
  }
  return log;
}
