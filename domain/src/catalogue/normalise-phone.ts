import { getCountries, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';

/** Nobody writes a number longer than this, and the parser looks at every character. */
const MAX_LENGTH = 60;
/** As identity takes them: shorter ones are extensions and short codes, which reach different people in different places. */
const E164 = /^\+\d{7,15}$/;
const PLANS = new Map<string, CountryCode>(getCountries(metadata).map((code) => [code, code]));

/**
 * E.164, or undefined. A number without + is one of the country; without a country nobody knows whose it is. Lengths are checked
 * and ranges are not: operators open new ones faster than lists of them are updated.
 */
export function normalisePhone(text: string, country: string | undefined): string | undefined {
  const written = text.trim().replace(/^00(?=[1-9])/, '+');
  if (written === '' || written.length > MAX_LENGTH) return undefined;
  const plan = PLANS.get(country ?? '');
  const options = { extract: false, ...(plan === undefined ? {} : { defaultCountry: plan }) };
  const parsed = parsePhoneNumberFromString(written, options, metadata);
  if (parsed?.isPossible() !== true) return undefined;
  if (!E164.test(parsed.number)) return undefined;
  // Zeros typed without end are a possible number of a country, and no number once they stand behind its code.
  const again = parsePhoneNumberFromString(parsed.number, { extract: false }, metadata);
  return again?.isPossible() === true && again.number === parsed.number ? parsed.number : undefined;
}
