/**
 * Rows of people as several lists would hold them, with the truth beside them: two of five people stand in it twice or more,
 * each time written by somebody who mistypes, abbreviates, leaves out, or knows an older address.
 */
import { seededChance } from '@throughline/domain/shared';
import { below, type Random } from './random.js';

export const LINKAGE_COLUMNS: readonly string[] = [
  'first_name',
  'last_name',
  'date_of_birth',
  'email',
  'phone',
  'street',
  'city',
  'postcode',
];

export interface LabelledRow {
  /** in the order of LINKAGE_COLUMNS; null where the list has nothing */
  readonly values: readonly (string | null)[];
  /** who it is */
  readonly person: string;
}

const ROWS_A_PERSON = [1, 1, 1, 2, 3] as const;
const MISSING = 0.12;
const CHANGED = 0.3;

export function linkageRows(rows: number, seed: number): LabelledRow[] {
  const random = seededChance(seed);
  const names = { first: syllables(random, 600), last: syllables(random, 4_000) };
  const streets = syllables(random, 2_000);
  const made: LabelledRow[] = [];
  for (let person = 0; made.length < rows; person += 1) {
    const values = personOf(random, { ...names, streets, person });
    const copies = ROWS_A_PERSON[below(random, ROWS_A_PERSON.length)] ?? 1;
    for (let copy = 0; copy < copies && made.length < rows; copy += 1)
      made.push({ values: copy === 0 ? values : rewritten(random, values), person: `p${person}` });
  }
  return shuffled(random, made);
}

interface Lists {
  readonly first: readonly string[];
  readonly last: readonly string[];
  readonly streets: readonly string[];
  readonly person: number;
}

function personOf(random: Random, { first, last, streets, person }: Lists): string[] {
  const given = skewed(random, first);
  const family = skewed(random, last);
  const town = below(random, 300);
  const day = String(1 + below(random, 28)).padStart(2, '0');
  const month = String(1 + below(random, 12)).padStart(2, '0');
  return [
    given,
    family,
    `${1_940 + below(random, 65)}-${month}-${day}`,
    `${given}.${family}${person % 97}@${below(random, 2) === 0 ? 'example.com' : 'example.org'}`,
    `07${String(below(random, 1e9)).padStart(9, '0')}`,
    `${1 + below(random, 200)} ${skewed(random, streets)} street`,
    `Town ${town}`,
    `${10_000 + town * 100 + below(random, 40)}`,
  ];
}

/** The same person, by another hand. */
function rewritten(random: Random, values: readonly string[]): (string | null)[] {
  return values.map((value, column) => {
    if (column > 1 && random() < MISSING) return null;
    if (random() >= CHANGED) return value;
    if (column === 0 && random() < 0.3) return value.slice(0, 1);
    return mistyped(random, value);
  });
}

function mistyped(random: Random, value: string): string {
  const at = below(random, Math.max(1, value.length - 1));
  const letter = String.fromCharCode(97 + below(random, 26));
  const digit = String(below(random, 10));
  const other = /\d/.test(value[at] ?? '') ? digit : letter;
  switch (below(random, 3)) {
    case 0:
      return value.slice(0, at) + value.slice(at + 1);
    case 1:
      return value.slice(0, at) + other + value.slice(at + 1);
    default:
      return `${value.slice(0, at)}${value[at + 1] ?? ''}${value[at] ?? ''}${value.slice(at + 2)}`;
  }
}

const STARTS = ['b', 'br', 'd', 'f', 'g', 'h', 'k', 'l', 'm', 'n', 'p', 'r', 's', 'st', 't', 'v'];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ei', 'ou'];
const ENDS = ['', 'n', 'r', 's', 'l', 'ck', 'tt'];

function syllables(random: Random, howMany: number): string[] {
  const one = (from: readonly string[]): string => from[below(random, from.length)] ?? '';
  const names = new Set<string>();
  while (names.size < howMany) {
    const parts = 1 + below(random, 3);
    let name = '';
    for (let part = 0; part < parts; part += 1) name += one(STARTS) + one(VOWELS) + one(ENDS);
    if (name.length > 3) names.add(name);
  }
  return [...names];
}

/** A few names are common, most are rare. */
function skewed(random: Random, names: readonly string[]): string {
  return names[Math.floor(random() ** 2 * names.length)] ?? '';
}

function shuffled<T>(random: Random, rows: readonly T[]): T[] {
  const order = rows.map((row) => ({ row, at: random() }));
  return order.sort((a, b) => a.at - b.at).map(({ row }) => row);
}
