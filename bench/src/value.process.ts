/** Fits and scores customers in a process of its own, so that its memory can be told apart from everybody else's. */
import {
  conditionalExpectedPurchases,
  fitBgNbd,
  probabilityOfNoPurchase,
} from '@throughline/domain/prediction';
import { seededChance } from '@throughline/domain/shared';
import { numberIn, serveParent } from './lab/child.js';
import { purchaseHistories } from './load/purchase-histories.js';

const HORIZON_WEEKS = 13;

await serveParent(() =>
  Promise.resolve({
    answer: (order) =>
      Promise.resolve(fitAndScore(numberIn(order, 'customers'), numberIn(order, 'seed'))),
  }),
);

/** Rows as they are, each by itself: no two of these customers are alike, which is the hardest case. */
function fitAndScore(customers: number, seed: number) {
  const columns = purchaseHistories(customers, seededChance(seed));
  const begin = performance.now();
  const model = fitBgNbd({
    ...columns,
    size: customers,
    n: new Float64Array(customers).fill(1),
  });
  const fitSeconds = (performance.now() - begin) / 1_000;
  const silent = new Float64Array(customers);
  const orders = new Float64Array(customers);
  for (let row = 0; row < customers; row += 1) {
    const history = { x: columns.x[row] ?? 0, tx: columns.tx[row] ?? 0, T: columns.T[row] ?? 0 };
    silent[row] = probabilityOfNoPurchase(model, history, HORIZON_WEEKS);
    orders[row] = conditionalExpectedPurchases(model, history, HORIZON_WEEKS);
  }
  const seconds = (performance.now() - begin) / 1_000;
  const scored = silent.filter((each, row) => each >= 0 && each <= 1 && (orders[row] ?? -1) >= 0);
  const { r, alpha, a, b } = model;
  return {
    ...{ r, alpha, a, b, seconds, fitSeconds, scored: scored.length },
    rssMiB: process.resourceUsage().maxRSS / 1_024,
  };
}
