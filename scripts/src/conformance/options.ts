/** The options of `npm run conformance`, and what is wrong with them in a sentence. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, messageOf } from '../failure.js';
import { REPO_ROOT } from '../paths.js';

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
    };

export const HELP = `npm run conformance [-- --data DIR] [--json FILE]
  checks the reference values of the public data sets in DIR; without --data, in data/.

npm run conformance -- identity --csv FILE --truth COLUMN [--columns MAPPING.json] [--truth-pattern RE] [--threshold .95]
  links the rows of a labelled file and ends with one JSON object: rows, precision, recall, f1 (over all pairs of rows that share
  a cluster), largest, seconds, rssMiB. The truth column is never looked at while linking. With --truth-pattern, its first group
  in the column names the person.

  MAPPING.json says what the columns hold: { "columns": { "First Name": "given_name", "Born": "date", "Notes": "ignore" } }.
  Kinds: id, given_name, family_name, full_name, email, phone, date, postcode, address, number, town, category, text.
  Columns that it does not name are left out. Without a mapping, kinds are guessed from names and values.`;

const type = 'string' as const;
const DEFAULT_THRESHOLD = 0.95;

export function readConformanceOptions(args: readonly string[]): ConformanceOptions {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: 'help' };
  const [command, ...rest] = positionals;
  if (rest.length > 0) throw wrong(`"${rest.join(' ')}" is one word too many.`);
  if (command === undefined) return { kind: 'all', data: dataDir(values.data), json: values.json };
  if (command !== 'identity') throw wrong(`There is no "${command}".`);
  const { csv, truth, columns } = values;
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
    details: ['Options: --data DIR, or identity --csv FILE --truth COLUMN.'],
  });
}
