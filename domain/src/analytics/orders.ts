/** One purchase, on the calendar day of whoever counts: zones are settled before. */
export interface Order {
  readonly customerId: string;
  /** yyyy-mm-dd */
  readonly day: string;
  /** in the smallest unit of the currency, so that sums are exact */
  readonly amount: number;
}

/** A customer's orders in sum: what cohorts and scores are made from. */
export interface CustomerOrders {
  readonly customerId: string;
  /** distinct days with an order, ascending */
  readonly days: readonly string[];
  readonly amount: number;
}

/** In the order of customer ids. Several orders of one day count as one. */
export function summariseOrders(orders: Iterable<Order>): CustomerOrders[] {
  const found = new Map<string, { days: Set<string>; amount: number }>();
  for (const { customerId, day, amount } of orders) {
    const customer = found.get(customerId) ?? { days: new Set<string>(), amount: 0 };
    customer.days.add(day);
    customer.amount += amount;
    found.set(customerId, customer);
  }
  return [...found]
    .map(([customerId, { days, amount }]) => ({ customerId, days: [...days].sort(), amount }))
    .sort((a, b) => compareText(a.customerId, b.customerId));
}

/** By code units: the same on every machine, whatever its language. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
