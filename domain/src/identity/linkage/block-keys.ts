/** What of a value may bring two rows together: the whole of it, its sound, its year. */
import type { LinkageColumn } from './table.js';
import type { ColumnKind } from './kinds.js';
import { soundex } from './text-distance.js';

export interface KeyPart {
  readonly name: string;
  readonly of: (value: string) => string;
}

const EXACT: KeyPart = { name: 'exact', of: (value) => value };
const SOUND: KeyPart = { name: 'sound', of: (value) => soundex(value) };
const LAST_SOUND: KeyPart = {
  name: 'last_sound',
  of: (value) => soundex(value.slice(value.lastIndexOf(' ') + 1)),
};
const LONGEST_WORD: KeyPart = { name: 'word', of: longestWord };
const USER: KeyPart = {
  name: 'user',
  of: (value) => value.slice(0, Math.max(0, value.lastIndexOf('@'))),
};
const USER_HEAD: KeyPart = {
  name: 'user_head',
  of: (value) => value.slice(0, Math.min(4, value.lastIndexOf('@'))),
};
const TAIL: KeyPart = { name: 'tail', of: (value) => value.slice(-6) };
const HEAD: KeyPart = { name: 'head', of: (value) => value.slice(0, Math.ceil(value.length / 2)) };
const YEAR: KeyPart = {
  name: 'year',
  of: (value) => (value.length === 8 ? value.slice(0, 4) : ''),
};
const DAY: KeyPart = { name: 'day', of: dayOf };

/** Parts that are worth a block by themselves. */
export const STRONG_PARTS: Readonly<Record<ColumnKind, readonly KeyPart[]>> = {
  id: [EXACT],
  given_name: [EXACT],
  family_name: [EXACT],
  full_name: [EXACT],
  email: [EXACT, USER],
  phone: [EXACT, TAIL],
  date: [EXACT],
  postcode: [EXACT],
  address: [EXACT],
  number: [],
  town: [],
  category: [],
  text: [EXACT],
};

/** Parts that survive an error, each good for a block only together with another column's. */
export const LOOSE_PARTS: Readonly<Record<ColumnKind, readonly KeyPart[]>> = {
  id: [HEAD],
  given_name: [SOUND],
  family_name: [SOUND],
  full_name: [SOUND, LAST_SOUND],
  email: [USER_HEAD],
  phone: [TAIL],
  date: [YEAR, DAY],
  postcode: [EXACT],
  address: [LONGEST_WORD],
  number: [EXACT],
  town: [SOUND],
  category: [],
  text: [SOUND],
};

/** Day and month in either order. */
function dayOf(value: string): string {
  if (value.length !== 8) return '';
  const month = value.slice(4, 6);
  const day = value.slice(6);
  return month < day ? `${month}${day}` : `${day}${month}`;
}

function longestWord(value: string): string {
  let longest = '';
  for (const word of value.split(' ')) if (word.length > longest.length) longest = word;
  return soundex(longest);
}

/** Numbers for keys; shared between columns whose keys mean the same. */
export type KeyNumbers = Map<string, number>;

/** Per row its key, -1 for none. */
export function rowKeys(
  column: LinkageColumn,
  part: KeyPart,
  numbers: KeyNumbers = new Map(),
): Int32Array {
  const perValue = Int32Array.from(column.values, (value) => {
    const key = part.of(value);
    if (key === '') return -1;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
  return column.codes.map((code) => (code < 0 ? -1 : (perValue[code] ?? -1)));
}

/** Both at once; where one is missing there is no key. */
export function bothKeys(left: Int32Array, right: Int32Array, unordered = false): Int32Array {
  const numbers = new Map<number, number>();
  const width =
    right.reduce((most, key) => Math.max(most, key), 0) +
    left.reduce((most, key) => Math.max(most, key), 0) +
    2;
  return left.map((one, row) => {
    const other = right[row] ?? -1;
    if (one < 0 || other < 0) return -1;
    const [high, low] = unordered && one < other ? [other, one] : [one, other];
    const key = high * width + low;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
