/** A1: cohorts and scores of the online music shop. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  monthlyCohorts,
  scoreRfm,
  summariseOrders,
  type Order,
} from '@throughline/domain/analytics';
import { exactly, type Check } from './check.js';

const COHORTS = [
  ['1997-01', 7_846, 1_157, 964],
  ['1997-02', 8_476, 1_312, 980],
  ['1997-03', 7_248, 1_032, 752],
] as const;

export async function checkAnalytics(dir: string): Promise<Check[]> {
  const orders = await readOrders(join(dir, 'CDNOW_master.txt'));
  const customers = summariseOrders(orders);
  const cohorts = new Map(monthlyCohorts(customers, 2).map(({ month, active }) => [month, active]));
  const best = scoreRfm(customers).filter(
    ({ recency, frequency, monetary }) => recency === 5 && frequency === 5 && monetary === 5,
  );
  const sum = (values: readonly number[]): number =>
    values.reduce((total, value) => total + value, 0);
  return [
    exactly('A1 rows', orders.length, 69_659),
    exactly('A1 customers', customers.length, 23_570),
    exactly('A1 customer-days', sum(customers.map(({ days }) => days.length)), 67_591),
    exactly('A1 CDs', sum(orders.map(({ items }) => items)), 167_881),
    exactly('A1 cents', sum(orders.map(({ amount }) => amount)), 250_031_563),
    ...COHORTS.flatMap(([month, ...active]) =>
      active.map((wanted, k) =>
        exactly(`A1 cohort ${month} k=${k}`, cohorts.get(month)?.[k] ?? 0, wanted),
      ),
    ),
    exactly('A1 RFM 555', best.length, 2_509),
  ];
}

interface ShopOrder extends Order {
  readonly items: number;
}

/** A header, then `customer yyyymmdd CDs dollars`, parted by runs of spaces. */
async function readOrders(file: string): Promise<ShopOrder[]> {
  const orders: ShopOrder[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const [customerId = '', date = '', items = '', dollars = ''] = line.trim().split(/\s+/);
    if (!/^\d{8}$/.test(date)) continue;
    const day = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
    orders.push({
      customerId,
      day,
      items: Number(items),
      amount: Math.round(Number(dollars) * 100),
    });
  }
  return orders;
}
