/** Phone numbers complete with their country's code; one that cannot be completed is left out, not guessed. */
import { normalisePhone } from '@throughline/domain/catalogue';
import { countryCode } from './countries.js';

/** E.164 with its +. A number without + is one of `country`. */
export function phoneWithPlus(text: string, country?: string): string | undefined {
  return normalisePhone(text, countryCode(country));
}

/** The same as digits alone. */
export function phoneDigits(text: string, country?: string): string | undefined {
  return phoneWithPlus(text, country)?.slice(1);
}
