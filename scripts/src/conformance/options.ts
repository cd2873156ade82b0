/** The options of `npm run conformance`, and what is wrong with them in a sentence. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, messageOf } from '../failure.js';
import { REPO_ROOT } from '../paths.js';
import { dayReader } from './days.js';
import type { RecommendOptions } from './score-recommend.js';
import type { TransactionColumns } from './transactions.js';

export type ConformanceOptions =
  | { readonly kind: 'help' }
  | { readonly kind: 'all'; readonly data: string; readonly json: string | undefined }
  | {
      readonly kind: 'identity';
      readonly csv: string;
      readonly columns: string | undefined;
      readonly truth: string;
      readonly truthPattern: RegExp | undefined;
      readonly threshold: number;
    }
  | {
      readonly kind: 'value';
      readonly log: string;
      /** yyyy-mm-dd */
      readonly calibrationEnd: string;
      readonly columns: TransactionColumns;
    }
  | {
      readonly kind: 'churn';
      readonly csv: string;
      readonly label: string;
      readonly positive: string | undefined;
    }
  | ({ readonly kind: 'recommend' } & RecommendOptions);

export const HELP = `npm run conformance [-- --data DIR] [--json FILE]
  checks the reference values of the public data sets in DIR; without --data, in data/.

npm run conformance -- identity --csv FILE --truth COLUMN [--columns MAPPING.json] [--truth-pattern RE] [--threshold .95]
  links the rows of a labelled file and ends with one JSON object: rows, precision, recall, f1 (over all pairs of rows that share
  a cluster), largest, seconds, rssMiB. The truth column is never looked at while linking. With --truth-pattern, its first group
  in the column names the person.

  MAPPING.json says what the columns hold: { "columns": { "First Name": "given_name", "Born": "date", "Notes": "ignore" } }.
  Kinds: id, given_name, family_name, full_name, email, phone, date, postcode, address, number, town, category, text.
  Columns that it does not name are left out. Without a mapping, kinds are guessed from names and values.

npm run conformance -- value --log FILE --calibration-end YYYY-MM-DD [--columns customer=NAME,date=NAME,amount=NAME]
  fits how often customers order, when they stop and what they spend to a log of purchases up to that day, and holds the forecast
  against what came after; ends with one JSON object of parameters and measures. Delimited files and columns parted by spaces, with
  or without a header (columns without one are named 1, 2, 3 …).

npm run conformance -- churn --csv FILE --label COLUMN [--positive VALUE]
  cross-validates logistic regression and boosted trees in five folds; ends with one JSON object of parameters and measures.

npm run conformance -- recommend --log FILE [--columns customer=NAME,date=NAME,item=NAME] [--basket customer|order]
  learns from all but the last week of a log of purchases, one row for each item, and counts for how many customers ten
  recommendations would have named something new that they then bought; ends with one JSON object: hitRate, and
  popularityHitRate for the ten best-selling items.`;

const type = 'string' as const;
const DEFAULT_THRESHOLD = 0.95;

export function readConformanceOptions(args: readonly string[]): ConformanceOptions {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: 'help' };
  const [command, ...rest] = positionals;
  if (rest.length > 0) throw wrong(`"${rest.join(' ')}" is one word too many.`);
  if (command === undefined) return { kind: 'all', data: dataDir(values.data), json: values.json };
  switch (command) {
    case 'identity':
      return identityOptions(values);
    case 'value':
      return valueOptions(values);
    case 'churn':
      return churnOptions(values);
    case 'recommend':
      return recommendOptions(values);
    default:
      throw wrong(`There is no "${command}".`);
  }
}

type Values = ReturnType<typeof parse>['values'];

function identityOptions({ csv, truth, columns, ...values }: Values): ConformanceOptions {
  if (csv === undefined || truth === undefined)
    throw wrong('identity takes --csv FILE and --truth COLUMN.');
  return {
    kind: 'identity',
    csv,
    truth,
    columns,
    truthPattern: pattern(values['truth-pattern']),
    threshold: threshold(values.threshold),
  };
}

function valueOptions({ log, columns, ...values }: Values): ConformanceOptions {
  const calibrationEnd = values['calibration-end'];
  if (log === undefined || calibrationEnd === undefined)
    throw wrong('value takes --log FILE and --calibration-end YYYY-MM-DD.');
  const day = dayReader([])(calibrationEnd);
  if (day === undefined) throw wrong(`--calibration-end takes a day, not "${calibrationEnd}".`);
  return { kind: 'value', log, calibrationEnd: day, columns: transactionColumns(columns) };
}

function churnOptions({ csv, label, positive }: Values): ConformanceOptions {
  if (csv === undefined || label === undefined)
    throw wrong('churn takes --csv FILE and --label COLUMN.');
  return { kind: 'churn', csv, label, positive };
}

function recommendOptions({ log, basket = 'customer', columns }: Values): ConformanceOptions {
  if (log === undefined) throw wrong('recommend takes --log FILE.');
  if (basket !== 'customer' && basket !== 'order')
    throw wrong(`--basket takes customer or order, not "${basket}".`);
  return { kind: 'recommend', log, basket, columns: recommendColumns(columns) };
}

function recommendColumns(text: string | undefined): RecommendOptions['columns'] {
  const pairs = (text ?? '').split(',').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, what = '', name = ''] = /^(customer|date|item)=(.+)$/.exec(pair) ?? [];
      if (what === '') throw wrong(`--columns takes customer=…,date=…,item=…, not "${pair}".`);
      return [what, name];
    }),
  );
}

function transactionColumns(text: string | undefined): TransactionColumns {
  const pairs = (text ?? '').split(',').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, what = '', name = ''] = /^(customer|date|amount)=(.+)$/.exec(pair) ?? [];
      if (what === '') throw wrong(`--columns takes customer=…,date=…,amount=…, not "${pair}".`);
      return [what, name];
    }),
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean' },
        data: { type },
        json: { type },
        csv: { type },
        columns: { type },
        truth: { type },
        'truth-pattern': { type },
        threshold: { type },
        log: { type },
        'calibration-end': { type },
        label: { type },
        positive: { type },
        basket: { type },
      },
    });
  } catch (error) {
    throw wrong(messageOf(error));
  }
}

function dataDir(given: string | undefined): string {
  const dir = given ?? join(REPO_ROOT, 'data');
  if (existsSync(dir)) return dir;
  throw wrong(given === undefined ? 'Where is the data?' : `There is no folder ${dir}.`);
}

function pattern(text: string | undefined): RegExp | undefined {
  try {
    return text === undefined ? undefined : new RegExp(text, 'u');
  } catch {
    throw wrong(`--truth-pattern takes a regular expression, not "${text ?? ''}".`);
  }
}

function threshold(text: string | undefined): number {
  const value = text === undefined ? DEFAULT_THRESHOLD : Number(text);
  if (value > 0 && value < 1) return value;
  throw wrong(`--threshold takes a probability between 0 and 1, not "${text ?? ''}".`);
}

function wrong(sentence: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence,
    command: 'npm run conformance -- --help',
    details: [
      'Options: --data DIR, or one of identity, value, churn and recommend with options of their own.',
    ],
  });
}
