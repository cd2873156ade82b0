/** Values as they are compared: folded, without decoration. Null where a value says nothing. */
import { assertNever } from '../../shared/index.js';
import type { ColumnKind } from './kinds.js';

const FILLING = new Set([
  'null',
  'none',
  'nil',
  'nan',
  'na',
  'n a',
  'unknown',
  'undefined',
  'missing',
  'test',
  'anonymous',
  'no',
  'x',
  'xx',
  'xxx',
]);
const FOLDED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** Lower case, no marks over letters, words parted by one space; scripts without case stay as they are. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/gu, (letter) => FOLDED[letter] ?? letter)
    .replace(/['’`´]/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

export function cleanValue(kind: ColumnKind, raw: string, dayFirst: boolean): string | null {
  const text = clean(kind, raw.trim(), dayFirst);
  return text === '' || /^0*$/.test(text) || FILLING.has(text) ? null : text;
}

function clean(kind: ColumnKind, raw: string, dayFirst: boolean): string {
  switch (kind) {
    case 'email':
      return cleanEmail(raw);
    case 'phone':
      return cleanPhone(raw);
    case 'date':
      return cleanDate(raw, dayFirst);
    case 'id':
    case 'postcode':
      return fold(raw).replaceAll(' ', '');
    case 'address':
      return fold(raw).replace(/\p{L}+/gu, (word) => STREET_WORDS[word] ?? word);
    case 'given_name':
    case 'family_name':
    case 'full_name':
    case 'number':
    case 'town':
    case 'category':
    case 'text':
      return fold(raw);
    default:
      return assertNever(kind);
  }
}

/** A tag behind + names no other person. */
function cleanEmail(raw: string): string {
  const email = raw.normalize('NFKC').toLowerCase().replace(/\s+/gu, '');
  const at = email.lastIndexOf('@');
  if (at < 1) return email;
  return `${email.slice(0, at).replace(/\+.*$/u, '')}@${email.slice(at + 1)}`;
}

/** The last nine digits: the same with or without country code and trunk zero. */
function cleanPhone(raw: string): string {
  const digits = raw.replace(/\D/gu, '');
  return digits.length < 5 ? '' : digits.slice(-9);
}

/** What streets end in, written out or short. */
const STREET_WORDS: Readonly<Record<string, string>> = {
  street: 'st',
  strasse: 'str',
  road: 'rd',
  avenue: 'ave',
  av: 'ave',
  place: 'pl',
  court: 'ct',
  crescent: 'cr',
  cres: 'cr',
  drive: 'dr',
  lane: 'ln',
  boulevard: 'blvd',
  square: 'sq',
  terrace: 'tce',
  circuit: 'cct',
  close: 'cl',
  apartment: 'apt',
  flat: 'apt',
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** yyyymmdd where the parts can be told, so that an edit distance sees digits; otherwise the digits as they are. */
function cleanDate(raw: string, dayFirst: boolean): string {
  const text = raw.replace(/[T ]\d{1,2}:\d{2}.*$/u, '').toLowerCase();
  const word = /[a-z]{3,}/.exec(text)?.[0];
  const parts = text.match(/\d+/g) ?? [];
  const month = word === undefined ? -1 : MONTHS.indexOf(word.slice(0, 3));
  if (month >= 0 && parts.length === 2) return namedMonth(parts, month + 1);
  const [one = '', two = '', three = ''] = parts;
  if (parts.length === 1 && one.length === 8) return one;
  if (parts.length !== 3) return parts.join('');
  if (one.length === 4) return join(one, two, three);
  if (three.length !== 4) return parts.join('');
  const isDayFirst = Number(one) > 12 || (dayFirst && Number(two) <= 12);
  return isDayFirst ? join(three, two, one) : join(three, one, two);
}

function namedMonth([one = '', two = '']: readonly string[], month: number): string {
  return one.length === 4 ? join(one, String(month), two) : join(two, String(month), one);
}

function join(year: string, month: string, day: string): string {
  return `${year}${month.padStart(2, '0')}${day.padStart(2, '0')}`;
}

/** Whether a column of dates writes the day first: some value must show it, else the month comes first if some value shows that. */
export function writesDayFirst(values: readonly string[]): boolean {
  let day = 0;
  let month = 0;
  for (const value of values) {
    const found = /^\s*(\d{1,2})\D(\d{1,2})\D\d{4}/.exec(value);
    if (found === null) continue;
    if (Number(found[1]) > 12) day += 1;
    if (Number(found[2]) > 12) month += 1;
  }
  return day >= month;
}
