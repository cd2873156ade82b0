/** Any log of purchases: delimited with or without a header, or columns parted by spaces; what is which is guessed where nobody says. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Order } from '@throughline/domain/analytics';
import { Failure, messageOf } from '../failure.js';
import { openCsv } from './csv.js';
import { dayReader } from './days.js';

export interface TransactionColumns {
  readonly customer?: string;
  readonly date?: string;
  readonly amount?: string;
}

export interface TransactionLog {
  readonly orders: readonly Order[];
  /** rows without a customer, a day or a number */
  readonly skipped: number;
  readonly columns: Required<TransactionColumns>;
}

interface Lines {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const LOOKED_AT = 500;
/** Files have holes and slips. */
const MOSTLY = 0.6;
const NAMES = {
  customer:
    /^(customer|client|user|member|buyer|shopper|account|person)([ _-]?(id|no|number|key))?$/i,
  date: /date|day|time|(^|_)at$|when/i,
  amount: /amount|total|value|price|revenue|spen[dt]|dollar|sales|monetary|paid/i,
} as const;

export async function readTransactions(
  file: string,
  wanted: TransactionColumns = {},
): Promise<TransactionLog> {
  const { names, rows } = await readLines(file);
  const sample = rows.slice(0, LOOKED_AT);
  const at = placesOf({ names, rows: sample }, wanted);
  const readDay = dayReader(rows.map((row) => row[at.date] ?? ''));
  const orders: Order[] = [];
  for (const row of rows) {
    const customerId = row[at.customer] ?? '';
    const day = readDay(row[at.date] ?? '');
    const amount = Math.round(amountIn(row[at.amount] ?? '') * 100);
    if (customerId !== '' && day !== undefined && Number.isFinite(amount))
      orders.push({ customerId, day, amount });
  }
  if (orders.length === 0) throw wrong(file, 'no row has a customer, a day and an amount');
  const name = (place: number): string => names[place] ?? String(place + 1);
  return {
    orders,
    skipped: rows.length - orders.length,
    columns: { customer: name(at.customer), date: name(at.date), amount: name(at.amount) },
  };
}

async function readLines(file: string): Promise<Lines> {
  const { names, rows } = await openCsv(file);
  const delimited = names.length > 1;
  if (!delimited) {
    await rows[Symbol.asyncIterator]().return?.();
    return withHeader(await spacedLines(file));
  }
  const all: (readonly string[])[] = [names];
  for await (const row of rows) all.push(row);
  return withHeader(all);
}

async function spacedLines(file: string): Promise<string[][]> {
  const lines: string[][] = [];
  try {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const cells = line.trim().split(/\s+/);
      if (cells[0] !== '') lines.push(cells);
    }
  } catch (error) {
    throw wrong(file, messageOf(error));
  }
  return lines;
}

/** A first line without any number is a header; others are numbered from 1. */
function withHeader(lines: readonly (readonly string[])[]): Lines {
  const [first = [], ...rest] = lines;
  const isHeader = !first.some((cell) => /^[-+$€£]?\d/.test(cell));
  if (isHeader) return { names: first, rows: rest };
  return { names: first.map((_, at) => String(at + 1)), rows: lines };
}

function placesOf(
  { names, rows }: Lines,
  wanted: TransactionColumns,
): { customer: number; date: number; amount: number } {
  const named = (name: string | undefined): number | undefined => {
    if (name === undefined) return undefined;
    const at = names.indexOf(name);
    if (at === -1) throw wrong('', `there is no column "${name}" among ${names.join(', ')}`);
    return at;
  };
  const customer = named(wanted.customer) ?? found(names, NAMES.customer) ?? 0;
  const others = names.map((_, at) => at).filter((at) => at !== customer);
  const share = (at: number, test: (cell: string) => boolean): number =>
    rows.filter((row) => test(row[at] ?? '')).length / Math.max(1, rows.length);
  const days = others.filter((at) => share(at, isDay) > MOSTLY);
  const date = named(wanted.date) ?? days.find((at) => NAMES.date.test(names[at] ?? '')) ?? days[0];
  if (date === undefined) throw wrong('', 'no column holds dates');
  const numbers = others.filter(
    (at) => at !== date && share(at, (cell) => Number.isFinite(amountIn(cell))) > MOSTLY,
  );
  const amount =
    named(wanted.amount) ??
    numbers.findLast((at) => NAMES.amount.test(names[at] ?? '')) ??
    numbers.findLast((at) => share(at, (cell) => /\.\d/.test(cell)) > 0.5) ??
    numbers.at(-1);
  if (amount === undefined) throw wrong('', 'no column holds amounts');
  return { customer, date, amount };
}

function found(names: readonly string[], pattern: RegExp): number | undefined {
  const at = names.findIndex((name) => pattern.test(name.trim()));
  return at === -1 ? undefined : at;
}

const YYYYMMDD = /^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;

function isDay(cell: string): boolean {
  return YYYYMMDD.test(cell) || /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/.test(cell);
}

/** `$1,234.50` as well as `1.234,50 €`: the last sign before two digits or fewer parts the decimals. */
function amountIn(cell: string): number {
  const bare = cell.replace(/[\s$€£]/g, '');
  if (!/^[-+(]?[\d.,]+\)?$/.test(bare) || !/\d/.test(bare)) return Number.NaN;
  const negative = /^[-(]/.test(bare);
  const digits = bare.replace(/[-+()]/g, '');
  const decimal = /[.,](\d{1,2})$/.exec(digits);
  const whole = decimal === null ? digits : digits.slice(0, decimal.index);
  const plain = /^\d+\.\d+$/.test(digits)
    ? digits
    : `${whole.replace(/[.,]/g, '')}.${decimal?.[1] ?? '0'}`;
  return Number(plain) * (negative ? -1 : 1);
}

function wrong(file: string, why: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `The log ${file === '' ? '' : `${file} `}could not be read: ${why}.`,
    command: 'npm run conformance -- --help',
  });
}
