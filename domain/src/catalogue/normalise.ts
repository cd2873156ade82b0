import { assertNever, type Json } from '../shared/index.js';
import { asDate } from './cast.js';
import { normaliseCountry } from './normalise-country.js';
import { normalisePhone } from './normalise-phone.js';
import { collapse, normaliseCurrency, normaliseEmail, normaliseName } from './normalise-text.js';
import { readDate } from './read-time.js';
import type { MappingCode } from './mapping-code.js';
import type { Normaliser, TimeFormat, Worked } from './types.js';
import { done, failed, textOf } from './worked.js';

/** How a text is written; `country` is the mapping's, for telephone numbers. Doing it twice changes nothing. */
export function applyNormaliser(
  value: Json,
  normaliser: Normaliser,
  country: string | undefined,
): Worked {
  const text = textOf(value);
  if (text === undefined) return failed('not_text', 'a list or an object');
  if (typeof normaliser !== 'string') {
    return found(normalisePhone(text, normaliser.country), 'invalid_phone');
  }
  switch (normaliser) {
    case 'trim':
      return done(text.trim());
    case 'collapse':
      return done(collapse(text));
    case 'lower':
      return done(text.toLowerCase());
    case 'upper':
      return done(text.toUpperCase());
    case 'name':
      return done(normaliseName(text));
    case 'email':
      return found(normaliseEmail(text), 'invalid_email');
    case 'phone':
      return found(normalisePhone(text, country), 'invalid_phone');
    case 'country':
      return found(normaliseCountry(text), 'invalid_country');
    case 'currency':
      return found(normaliseCurrency(text), 'invalid_currency');
    case 'date':
      return normaliseDate(text);
    default:
      return assertNever(normaliser);
  }
}

/** The formats that can be told from each other without being named. */
const UNMISTAKABLE: readonly TimeFormat[] = ['yyyy/mm/dd', 'yyyymmdd', 'dd.mm.yyyy'];

function normaliseDate(text: string): Worked {
  for (const format of UNMISTAKABLE) {
    const day = readDate(text, format, 'UTC');
    if (day !== undefined) return done(day);
  }
  return asDate(text, {}, 'UTC');
}

function found(text: string | undefined, code: MappingCode): Worked {
  return text === undefined ? failed(code, 'as written') : done(text);
}
