/** From orders to what the models learn from: repeats, recency and age, each in the unit of the model. */
import type { Order } from '../analytics/index.js';
import type { PurchaseGroups, PurchaseHistory } from './types.js';

export interface SummaryOptions {
  /** yyyy-mm-dd; orders of this day still count */
  readonly calibrationEnd: string;
  readonly unitDays: number;
}

export interface CustomerSummary extends PurchaseHistory {
  readonly customerId: string;
  /** mean of the repeat days' amounts, the first day left out; 0 without repeats */
  readonly meanSpend: number;
}

export interface TransactionSummary {
  readonly customers: readonly CustomerSummary[];
  readonly groups: PurchaseGroups;
}

const DAY_MS = 86_400_000;

/** Orders of one day are one; the first day is no repeat; whoever began after the end is left out. */
export function summariseTransactions(
  orders: Iterable<Order>,
  { calibrationEnd, unitDays }: SummaryOptions,
): TransactionSummary {
  const days = new Map<string, Map<string, number>>();
  for (const { customerId, day, amount } of orders) {
    if (day > calibrationEnd) continue;
    const own = days.get(customerId) ?? new Map<string, number>();
    own.set(day, (own.get(day) ?? 0) + amount);
    days.set(customerId, own);
  }
  const end = dayNumber(calibrationEnd);
  const customers = [...days]
    .map(([customerId, own]) => summary(customerId, own, { end, unitDays }))
    .sort((p, q) => (p.customerId < q.customerId ? -1 : 1));
  return { customers, groups: groupHistories(customers) };
}

function summary(
  customerId: string,
  amounts: ReadonlyMap<string, number>,
  { end, unitDays }: { readonly end: number; readonly unitDays: number },
): CustomerSummary {
  const ordered = [...amounts.keys()].sort();
  const first = ordered[0] ?? '';
  const repeats = ordered.slice(1);
  const spent = repeats.reduce((sum, day) => sum + (amounts.get(day) ?? 0), 0);
  const began = dayNumber(first);
  const x = repeats.length;
  return {
    customerId,
    x,
    tx: (dayNumber(repeats.at(-1) ?? first) - began) / unitDays,
    T: (end - began) / unitDays,
    meanSpend: x === 0 ? 0 : spent / x,
  };
}

function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}

/** Distinct days with an order after the end of calibration, by customer: what a forecast is held against. */
export function ordersAfter(
  orders: Iterable<Order>,
  { after, until }: { readonly after: string; readonly until: string },
): ReadonlyMap<string, number> {
  const days = new Map<string, Set<string>>();
  for (const { customerId, day } of orders) {
    if (day <= after || day > until) continue;
    const own = days.get(customerId) ?? new Set<string>();
    own.add(day);
    days.set(customerId, own);
  }
  return new Map([...days].map(([customerId, own]) => [customerId, own.size]));
}

/** Each distinct history once. The likelihood of a group is that of one of it, `n` times. */
export function groupHistories(
  histories: Iterable<PurchaseHistory & { readonly n?: number }>,
): PurchaseGroups {
  const found = new Map<string, { x: number; tx: number; T: number; n: number }>();
  for (const { x, tx, T, n = 1 } of histories) {
    const key = `${x} ${tx} ${T}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, { x, tx, T, n });
    else group.n += n;
  }
  const groups = [...found.values()];
  return {
    size: groups.length,
    x: Float64Array.from(groups, ({ x }) => x),
    tx: Float64Array.from(groups, ({ tx }) => tx),
    T: Float64Array.from(groups, ({ T }) => T),
    n: Float64Array.from(groups, ({ n }) => n),
  };
}
