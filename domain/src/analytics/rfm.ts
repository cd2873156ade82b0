import { compareText, type CustomerOrders } from './orders.js';

/** 1 to 5 each, 5 best: how recently, how often, for how much. */
export interface RfmScore {
  readonly customerId: string;
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
}

const GROUPS = 5;

/**
 * Fifths of equal size, as SQL's NTILE(5) makes them: recency by the last day with an order, frequency by distinct days,
 * monetary by the sum. Equal customers are told apart by id, ascending, so that the cut between two fifths is always the same.
 */
export function scoreRfm(customers: readonly CustomerOrders[]): RfmScore[] {
  const withOrders = customers
    .filter(({ days }) => days.length > 0)
    .sort((a, b) => compareText(a.customerId, b.customerId));
  const recency = fifths(withOrders, (a, b) => compareText(lastDay(a), lastDay(b)));
  const frequency = fifths(withOrders, (a, b) => a.days.length - b.days.length);
  const monetary = fifths(withOrders, (a, b) => a.amount - b.amount);
  return withOrders.map(({ customerId }) => ({
    customerId,
    recency: recency.get(customerId) ?? 1,
    frequency: frequency.get(customerId) ?? 1,
    monetary: monetary.get(customerId) ?? 1,
  }));
}

function lastDay({ days }: CustomerOrders): string {
  return days.at(-1) ?? '';
}

/** The customers come sorted by id, and sorting is stable: ties stay in that order. */
function fifths(
  customers: readonly CustomerOrders[],
  compare: (left: CustomerOrders, right: CustomerOrders) => number,
): Map<string, number> {
  const worstFirst = [...customers].sort(compare);
  return new Map(
    worstFirst.map(({ customerId }, index) => [
      customerId,
      ntile(index, worstFirst.length, GROUPS),
    ]),
  );
}

/** The group, from 1, of the row at `index` of `rows`: the first groups take what does not divide evenly. */
export function ntile(index: number, rows: number, groups: number): number {
  const small = Math.floor(rows / groups);
  const larger = rows % groups;
  const inLarger = larger * (small + 1);
  if (index < inLarger) return Math.floor(index / (small + 1)) + 1;
  return larger + Math.floor((index - inLarger) / small) + 1;
}
