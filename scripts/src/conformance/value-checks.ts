/** P1 to P3 and P6: what the customers of the online music shop will buy, and the formulas at points that are known. */
import { join } from 'node:path';
import {
  conditionalExpectedPurchases,
  expectedPurchases,
  expectedSpend,
  fitBgNbd,
  fitGammaGamma,
  ordersAfter,
  pAlive,
  summariseTransactions,
  type DropoutModel,
  type TransactionSummary,
} from '@throughline/domain/prediction';
import { atLeast, exactly, within, type Check } from './check.js';
import { readTransactions } from './transactions.js';

const CALIBRATION_END = '1997-09-30';
const HOLDOUT_END = '1998-06-30';

/** With parameters that are stated, and not fitted. */
const STATED: DropoutModel = {
  ...{ kind: 'bg', r: 0.242595, alpha: 4.413602, a: 0.792922, b: 2.425907 },
  ...{ logLikelihood: 0, converged: true, evaluations: 0, noDropout: false },
};

export async function checkValue(dir: string): Promise<Check[]> {
  const { orders } = await readTransactions(join(dir, 'CDNOW_sample.txt'));
  const summary = summariseTransactions(orders, { calibrationEnd: CALIBRATION_END, unitDays: 7 });
  const later = ordersAfter(orders, { after: CALIBRATION_END, until: HOLDOUT_END });
  return [
    ...countChecks(summary, later),
    ...dropoutChecks(summary),
    ...spendChecks(summary),
    ...formulaChecks(),
  ];
}

function countChecks(
  { customers, groups }: TransactionSummary,
  later: ReadonlyMap<string, number>,
): Check[] {
  const sum = (values: Iterable<number>): number => [...values].reduce((all, one) => all + one, 0);
  return [
    exactly('P1 customers', customers.length, 2_357),
    exactly('P1 with repeats', customers.filter(({ x }) => x > 0).length, 946),
    exactly('P1 repeats', sum(customers.map(({ x }) => x)), 2_457),
    exactly('P1 order days afterwards', sum(later.values()), 1_882),
    exactly('P1 distinct histories', groups.size, 1_016),
  ];
}

function dropoutChecks({ groups }: TransactionSummary): Check[] {
  const { r, alpha, a, b, logLikelihood } = fitBgNbd(groups);
  return [
    relative('P2 r', r, [0.2426, 0.005]),
    relative('P2 alpha', alpha, [4.4136, 0.005]),
    relative('P2 a', a, [0.7929, 0.005]),
    relative('P2 b', b, [2.4259, 0.005]),
    atLeast('P2 log-likelihood', logLikelihood, -9582.44),
  ];
}

/** The log counts cents, the reference dollars. */
function spendChecks({ customers }: TransactionSummary): Check[] {
  const model = fitGammaGamma(
    customers.map(({ x, meanSpend }) => ({ x, meanSpend: meanSpend / 100 })),
  );
  const stated = { ...model, p: 6.25, q: 3.74, gamma: 15.44 };
  const mean = (x: number, meanSpend: number): number => expectedSpend(stated, { x, meanSpend });
  return [
    relative('P3 p', model.p, [6.25, 0.01]),
    relative('P3 q', model.q, [3.74, 0.01]),
    relative('P3 gamma', model.gamma, [15.44, 0.01]),
    within('P3 mean spend, x 2, mean 22.35', mean(2, 22.35), [24.66, 0.02]),
    within('P3 mean spend, x 1, mean 11.77', mean(1, 11.77), [18.92, 0.02]),
    within('P3 mean spend, x 0', mean(0, 0), [35.22, 0.02]),
  ];
}

function formulaChecks(): Check[] {
  const history = { x: 2, tx: 30.43, T: 38.86 };
  const later = conditionalExpectedPurchases(STATED, history, 39);
  const alive = pAlive(STATED, { x: 26, tx: 30.857, T: 31 });
  return [
    relative('P6 E[X(1)]', expectedPurchases(STATED, 1), [0.0531844, 1e-3]),
    relative('P6 E[X(3)]', expectedPurchases(STATED, 3), [0.1506311, 1e-3]),
    relative('P6 E[X(32)]', expectedPurchases(STATED, 32), [1.043734, 1e-3]),
    relative('P6 E[Y(39)], x 2', later, [1.225907, 1e-3]),
    relative('P6 P(alive), x 26', alive, [0.9688512, 1e-3]),
  ];
}

function relative(
  name: string,
  value: number,
  [wanted, tolerance]: readonly [number, number],
): Check {
  return within(name, value, [wanted, Number((wanted * tolerance).toPrecision(3))]);
}
