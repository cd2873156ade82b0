import { compareText, type CustomerOrders } from './orders.js';

/** Customers by the calendar month of their first order, and how many of them order in each month after it. */
export interface MonthlyCohort {
  /** yyyy-mm */
  readonly month: string;
  /** active[k]: customers with at least one order in exactly the k-th month after the first; active[0] is the size */
  readonly active: readonly number[];
}

/** Cohorts in the order of their months, each followed for `months` months after its first. */
export function monthlyCohorts(
  customers: Iterable<CustomerOrders>,
  months: number,
): MonthlyCohort[] {
  const cohorts = new Map<string, number[]>();
  for (const { days } of customers) {
    const [first] = days;
    if (first === undefined) continue;
    const month = first.slice(0, 7);
    const active = cohorts.get(month) ?? new Array<number>(months + 1).fill(0);
    cohorts.set(month, active);
    const after = new Set(days.map((day) => monthNumber(day) - monthNumber(first)));
    for (const k of after) if (k <= months) active[k] = (active[k] ?? 0) + 1;
  }
  return [...cohorts]
    .map(([month, active]) => ({ month, active }))
    .sort((a, b) => compareText(a.month, b.month));
}

function monthNumber(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
}
