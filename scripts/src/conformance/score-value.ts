/** Fits and scores any log of purchases, and holds the forecast against what came after. */
import {
  conditionalExpectedPurchases,
  expectedSpend,
  fitBgNbd,
  fitGammaGamma,
  fitMbgNbd,
  measureBinary,
  ordersAfter,
  probabilityOfNoPurchase,
  spendFrequencyCorrelation,
  summariseTransactions,
  type DropoutModel,
  type TransactionSummary,
} from '@throughline/domain/prediction';
import { Failure } from '../failure.js';
import type { ConformanceOptions } from './options.js';
import { readTransactions, type TransactionLog } from './transactions.js';

type ValueOptions = Extract<ConformanceOptions, { kind: 'value' }>;

const UNIT_DAYS = 7;
const DAY_MS = 86_400_000;

export async function scoreValue(
  { log, calibrationEnd, columns }: ValueOptions,
  say: (line: string) => void,
): Promise<object> {
  const startedAt = performance.now();
  const read = await readTransactions(log, columns);
  const { customer, date, amount } = read.columns;
  say(`columns: customer = ${customer}, date = ${date}, amount = ${amount}`);
  const summary = summariseTransactions(read.orders, { calibrationEnd, unitDays: UNIT_DAYS });
  if (summary.customers.length === 0) throw nobody(calibrationEnd);
  const [bg, mbg] = [fitBgNbd(summary.groups), fitMbgNbd(summary.groups)];
  const spend = spendOf(summary);
  const holdout = { read, summary, calibrationEnd };
  return {
    rows: read.orders.length,
    skipped: read.skipped,
    ...countsOf(summary),
    calibrationEnd,
    unit: 'weeks',
    bgNbd: rounded({ ...bg, kind: undefined }),
    mbgNbd: rounded({ ...mbg, kind: undefined }),
    gammaGamma: rounded({ ...spend.model }),
    spendFrequencyCorrelation: digits(spend.correlation),
    populationMeanSpend: digits(expectedSpend(spend.model, { x: 0, meanSpend: 0 })),
    holdout: { bgNbd: heldAgainst(bg, holdout), mbgNbd: heldAgainst(mbg, holdout) },
    seconds: Number(((performance.now() - startedAt) / 1_000).toFixed(2)),
    rssMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

function countsOf({ customers, groups }: TransactionSummary): object {
  return {
    customers: customers.length,
    withRepeats: customers.filter(({ x }) => x > 0).length,
    repeats: customers.reduce((sum, { x }) => sum + x, 0),
    distinctHistories: groups.size,
  };
}

/** In the unit of the file: the summary counts hundredths. */
function spendOf({ customers }: TransactionSummary) {
  const spending = customers.map(({ x, meanSpend }) => ({ x, meanSpend: meanSpend / 100 }));
  return { model: fitGammaGamma(spending), correlation: spendFrequencyCorrelation(spending) };
}

interface Holdout {
  readonly read: TransactionLog;
  readonly summary: TransactionSummary;
  readonly calibrationEnd: string;
}

/** What was expected of all, what came, and how well silence was foretold; null where the log ends with the calibration. */
function heldAgainst(
  model: DropoutModel,
  { read, summary, calibrationEnd }: Holdout,
): object | null {
  const until = read.orders.reduce((last, { day }) => (day > last ? day : last), calibrationEnd);
  const days = (Date.parse(until) - Date.parse(calibrationEnd)) / DAY_MS;
  if (days === 0) return null;
  const { customers } = summary;
  const horizon = days / UNIT_DAYS;
  const later = ordersAfter(read.orders, { after: calibrationEnd, until });
  const labels = Uint8Array.from(customers, ({ customerId }) => (later.has(customerId) ? 0 : 1));
  const scores = Float64Array.from(customers, (each) =>
    probabilityOfNoPurchase(model, each, horizon),
  );
  const silence = Float64Array.from(customers, ({ T, tx }) => T - tx);
  const { auc, logLoss, brier, ece } = measureBinary(scores, labels);
  const expected = customers.reduce(
    (sum, each) => sum + conditionalExpectedPurchases(model, each, horizon),
    0,
  );
  const came = customers.reduce((sum, { customerId }) => sum + (later.get(customerId) ?? 0), 0);
  return {
    days,
    orderDays: came,
    expectedOrderDays: digits(expected),
    silent: rounded({ auc, recencyAuc: measureBinary(silence, labels).auc, logLoss, brier, ece }),
  };
}

function rounded(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' ? digits(value) : value,
    ]),
  );
}

function digits(value: number): number {
  return Number(value.toPrecision(8));
}

function nobody(day: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `Nobody ordered up to ${day}.`,
    command: 'npm run conformance -- --help',
  });
}
