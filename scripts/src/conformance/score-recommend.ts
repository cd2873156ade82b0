/** Recommendations over any log of what was bought: the last week is held out, and popularity is the one to beat. */
import { holdOut, type HoldOutScore, type Purchase } from '@throughline/domain/recommendations';
import { Failure } from '../failure.js';
import { openCsv } from './csv.js';
import { dayReader } from './days.js';

export interface RecommendOptions {
  readonly log: string;
  readonly columns: RecommendColumns;
  readonly basket: 'order' | 'customer';
}

export interface RecommendColumns {
  readonly customer?: string;
  readonly date?: string;
  readonly item?: string;
}

export interface RecommendScore extends HoldOutScore {
  readonly rows: number;
  readonly skipped: number;
  readonly seconds: number;
}

const DAY_MS = 86_400_000;
const HELD_BACK_DAYS = 7;
const SHOWN = 10;
/** As the product has them where nobody says otherwise. */
const MODEL = { minSupport: 3, perItem: 50, shrinkage: 10 } as const;

const NAMES = {
  customer: /^(customer|client|user|member|buyer|shopper|account|person)/i,
  date: /date|day|time|(^|_)at$|when/i,
  item: /item|product|sku|article|stock|asin|isbn|title|goods/i,
} as const;

export async function scoreRecommend(
  { log, columns, basket }: RecommendOptions,
  say: (line: string) => void,
): Promise<RecommendScore> {
  const startedAt = performance.now();
  const { purchases, rows } = await readPurchases(log, columns, say);
  const options = { ...MODEL, basket, n: SHOWN, heldBackMs: HELD_BACK_DAYS * DAY_MS };
  const score = holdOut(purchases, options);
  return {
    rows,
    skipped: rows - purchases.length,
    ...score,
    hitRate: Number(score.hitRate.toFixed(6)),
    popularityHitRate: Number(score.popularityHitRate.toFixed(6)),
    seconds: Number(((performance.now() - startedAt) / 1_000).toFixed(2)),
  };
}

async function readPurchases(
  log: string,
  wanted: RecommendColumns,
  say: (line: string) => void,
): Promise<{ readonly purchases: Purchase[]; readonly rows: number }> {
  const { names, rows } = await openCsv(log);
  const at = placesOf(log, names, wanted);
  for (const [what, place] of Object.entries(at)) say(`${what}: ${names[place] ?? ''}`);
  const lines: { customer: string; date: string; item: string }[] = [];
  for await (const row of rows)
    lines.push({
      customer: row[at.customer] ?? '',
      date: row[at.date] ?? '',
      item: row[at.item] ?? '',
    });
  const timeOf = timeReader(lines.map(({ date }) => date));
  const purchases = lines.flatMap(({ customer, date, item }) => {
    const time = timeOf(date);
    return customer === '' || item === '' || time === undefined
      ? []
      : [{ customer, at: time, item }];
  });
  if (purchases.length === 0) throw wrong(log, 'no row has a customer, a date and an item');
  return { purchases, rows: lines.length };
}

/** To the instant where a value says one, else to the day. */
function timeReader(cells: readonly string[]): (cell: string) => number | undefined {
  const readDay = dayReader(cells);
  return (cell) => {
    const day = readDay(cell);
    if (day === undefined) return undefined;
    const [, hours = '0', minutes = '0', seconds = '0'] =
      /[T ](\d{1,2}):(\d{2})(?::(\d{2}))?/.exec(cell) ?? [];
    const ofDay = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
    return Date.parse(`${day}T00:00:00Z`) + ofDay * 1_000;
  };
}

type Places = Readonly<Record<keyof typeof NAMES, number>>;

function placesOf(log: string, names: readonly string[], wanted: RecommendColumns): Places {
  const place = (what: keyof typeof NAMES): number => {
    const name = wanted[what];
    const found =
      name === undefined ? names.findIndex((each) => NAMES[what].test(each)) : names.indexOf(name);
    if (found >= 0) return found;
    throw wrong(log, name === undefined ? `which column is the ${what}?` : `no column "${name}"`);
  };
  return { customer: place('customer'), date: place('date'), item: place('item') };
}

function wrong(log: string, why: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `The log ${log} cannot be used: ${why}.`,
    command: 'npm run conformance -- recommend --log FILE --columns customer=…,date=…,item=…',
  });
}
