/** Customer fields in the form that Meta hashes and compares. */
import { countryCode } from './countries.js';
import { phoneDigits } from './phone.js';
import { advertisingId, isEmail, plain, withoutPunctuation, withoutSpaces } from './text.js';
import { stateOfUs } from './us-states.js';

export interface BirthDate {
  /** YYYY */
  readonly year: string;
  /** 01 to 12 */
  readonly month: string;
  /** 01 to 31 */
  readonly day: string;
}

/** Dots and a +tag stay: to Meta they are part of the address. */
function email(text: string): string | undefined {
  const email = plain(text);
  return email !== undefined && isEmail(email) ? email : undefined;
}

function name(text: string): string | undefined {
  return plain(withoutPunctuation(text));
}

function initial(text: string): string | undefined {
  return /\p{L}/u.exec(plain(text) ?? '')?.[0];
}

function gender(text: string): string | undefined {
  const word = plain(text) ?? '';
  if (['m', 'male', 'man'].includes(word)) return 'm';
  return ['f', 'female', 'woman'].includes(word) ? 'f' : undefined;
}

/** YYYYMMDD, as one value. */
function birthDate(text: string): string | undefined {
  const date = birthDateOf(text);
  return date === undefined ? undefined : `${date.year}${date.month}${date.day}`;
}

function city(text: string): string | undefined {
  return plain(withoutSpaces(withoutPunctuation(text)));
}

/** In the USA two letters of a state that exists; elsewhere what is written, letters and digits alone. */
function state(text: string, country?: string): string | undefined {
  return countryCode(country) === 'US' ? stateOfUs(text) : city(text);
}

/** In the USA the first five digits. */
function zip(text: string, country?: string): string | undefined {
  const zip = plain(withoutSpaces(text).replace(/\p{Pd}/gu, ''));
  if (zip === undefined || countryCode(country) !== 'US') return zip;
  return /^\d{5}(\d{4})?$/.test(zip) ? zip.slice(0, 5) : undefined;
}

function country(text: string): string | undefined {
  return countryCode(text)?.toLowerCase();
}

export const metaFields = {
  email,
  phone: phoneDigits,
  name,
  initial,
  gender,
  birthDate,
  city,
  state,
  zip,
  country,
  /** Never hashed. */
  mobileAdId: advertisingId,
};

const ISO_DATE = /^(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?$/;
const SLASHED_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

/** Of 2/16/1997 only one reading is a date; of 3/4/1997 two are, and then nobody knows. */
export function birthDateOf(text: string): BirthDate | undefined {
  const written = text.trim();
  const [, year = '', month = '', day = ''] = ISO_DATE.exec(written) ?? [];
  if (year !== '') return realDate(year, month, day);
  const [, first = '', second = '', slashedYear = ''] = SLASHED_DATE.exec(written) ?? [];
  if (slashedYear === '') return undefined;
  const american = realDate(slashedYear, first, second);
  const european = realDate(slashedYear, second, first);
  if (american !== undefined && european !== undefined && first !== second) return undefined;
  return american ?? european;
}

function realDate(year: string, month: string, day: string): BirthDate | undefined {
  const date = { year, month: month.padStart(2, '0'), day: day.padStart(2, '0') };
  const written = `${date.year}-${date.month}-${date.day}`;
  const at = Date.parse(`${written}T00:00:00Z`);
  // The 30th of February would be read as the 1st of March.
  const real = !Number.isNaN(at) && new Date(at).toISOString().startsWith(written);
  return real ? date : undefined;
}
