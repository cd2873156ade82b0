/**
 * How two values of a column agree, as a level: 0 is exact, the last is "else", and -1 (told by the caller) is missing. The
 * bands are those of the literature; what each is worth is learnt from the data.
 */
import type { ColumnKind } from './kinds.js';
import { Letters } from './letters.js';
import { damerauLevenshtein } from './text-distance.js';

const { abs, floor, max, min } = Math;

/** The level of two different values, given by their numbers. */
export type Compare = (left: number, right: number) => number;

export interface Comparison {
  readonly levels: readonly string[];
  /** looks at every value once, because most pairs of strangers are told apart by a glance */
  readonly prepare: (values: readonly string[]) => Compare;
}

/** The level of a given name that was found in the other row's family name. */
export const SWAPPED = 1;

const JARO = ['jaro_winkler_92', 'jaro_winkler_88', 'jaro_winkler_70'];

export function comparisonOf(kind: ColumnKind): Comparison {
  return COMPARISONS[kind];
}

const WORDS: Comparison = { levels: ['exact', ...JARO, 'else'], prepare: compareWords };
const CODE: Comparison = { levels: ['exact', 'edit_1', 'edit_2', 'else'], prepare: compareCodes };

const COMPARISONS: Readonly<Record<ColumnKind, Comparison>> = {
  id: CODE,
  given_name: {
    levels: ['exact', 'swapped', ...JARO, 'else'],
    prepare: (values) => compareNames(values, 2),
  },
  family_name: { levels: ['exact', ...JARO, 'else'], prepare: (values) => compareNames(values, 1) },
  full_name: WORDS,
  email: { levels: ['exact', 'user', 'user_like', 'domain', 'else'], prepare: compareEmails },
  phone: CODE,
  date: { levels: ['exact', 'edit_1', 'near', 'year', 'else'], prepare: compareDates },
  postcode: { levels: ['exact', 'edit_1', 'area', 'else'], prepare: comparePostcodes },
  address: WORDS,
  number: { levels: ['exact', 'near', 'else'], prepare: compareNumbers },
  town: WORDS,
  category: { levels: ['exact', 'else'], prepare: () => () => 1 },
  text: WORDS,
};

function compareNames(values: readonly string[], firstBand: number): Compare {
  const letters = new Letters(values);
  return (left, right) => {
    const [a, b] = [values[left] ?? '', values[right] ?? ''];
    const [short, long] = a.length < b.length ? [a, b] : [b, a];
    // An initial, or one of two given names.
    if (short.length === 1) return firstBand + (long.startsWith(short) ? 2 : 3);
    const isPart =
      short.length < long.length - 1 &&
      (long.startsWith(`${short} `) || long.endsWith(` ${short}`));
    return isPart ? firstBand : firstBand + letters.band(left, letters, right);
  };
}

/** Words in another order are the same words. */
function compareWords(values: readonly string[]): Compare {
  const sorted = values.map((value) => value.split(' ').sort().join(' '));
  const asWritten = new Letters(values);
  const inOrder = new Letters(sorted);
  return (left, right) => {
    if (sorted[left] === sorted[right]) return 1;
    const straight = asWritten.band(left, asWritten, right);
    return 1 + (straight === 0 ? 0 : min(straight, inOrder.band(left, inOrder, right)));
  };
}

function compareCodes(values: readonly string[]): Compare {
  const letters = new Letters(values);
  return (left, right) => letters.edits(left, right, 2);
}

function comparePostcodes(values: readonly string[]): Compare {
  const letters = new Letters(values);
  const areas = values.map((value) => value.slice(0, max(2, floor(value.length / 2))));
  return (left, right) => {
    const edits = letters.edits(left, right, 1);
    if (edits <= 1) return edits;
    return areas[left] === areas[right] ? 2 : 3;
  };
}

function compareEmails(values: readonly string[]): Compare {
  const users = values.map((value) => value.slice(0, max(0, value.lastIndexOf('@'))));
  const domains = values.map((value) => value.slice(value.lastIndexOf('@') + 1));
  const whole = new Letters(values);
  const user = new Letters(users);
  return (left, right) => {
    const isSameUser = users[left] === users[right] && users[left] !== '';
    if (isSameUser || whole.edits(left, right, 1) <= 1) return 1;
    if (user.band(left, user, right) <= 1) return 2;
    return domains[left] === domains[right] ? 3 : 4;
  };
}

/** One digit wrong or day and month changed places; two digits wrong or within a month; the same year. */
function compareDates(values: readonly string[]): Compare {
  const letters = new Letters(values);
  const isWhole = values.map((value) => /^\d{8}$/.test(value));
  const years = Int32Array.from(values, (value) => Number(value.slice(0, 4)));
  const months = Int32Array.from(values, (value) => Number(value.slice(4, 6)));
  const dates = Int32Array.from(values, (value) => Number(value.slice(6)));
  const at = (parts: Int32Array, value: number): number => parts[value] ?? 0;
  const day = (value: number): number =>
    at(years, value) * 365.25 + at(months, value) * 30.44 + at(dates, value);
  return (left, right) => {
    const edits = letters.edits(left, right, 2);
    if (edits <= 1) return edits;
    if (isWhole[left] !== true || isWhole[right] !== true) return edits === 2 ? 2 : 4;
    const isSameYear = years[left] === years[right];
    const isTurned = months[left] === dates[right] && dates[left] === months[right];
    if (isSameYear && isTurned) return 1;
    const isSameDay = months[left] === months[right] && dates[left] === dates[right];
    // Good enough to tell a month's distance, and defined for dates that do not exist.
    if (edits === 2 || isSameDay || abs(day(left) - day(right)) <= 31) return 2;
    return isSameYear ? 3 : 4;
  };
}

function compareNumbers(values: readonly string[]): Compare {
  const numbers = Float64Array.from(values, Number);
  return (left, right) => {
    const [a, b] = [numbers[left] ?? NaN, numbers[right] ?? NaN];
    const [one, other] = [values[left] ?? '', values[right] ?? ''];
    if (abs(a - b) <= 0.01 * max(abs(a), abs(b))) return 1;
    return one.length > 1 && damerauLevenshtein(one, other, 1) <= 1 ? 1 : 2;
  };
}
