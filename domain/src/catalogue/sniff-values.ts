/** What the values of a column look like. Every answer is the share of the values, blank ones aside, that can be read that way. */
import { isJsonList, parseJson, type Json } from '../shared/index.js';
import { normaliseCountry } from './normalise-country.js';
import { normalisePhone } from './normalise-phone.js';
import { normaliseCurrency, normaliseEmail } from './normalise-text.js';
import { readInteger, readNumber } from './read-number.js';
import { readInstant } from './read-time.js';
import { readBoolean, readConsent } from './read-words.js';
import type { Attribute, Cast, DecimalMark, TimeFormat } from './types.js';

export interface Look {
  /** 0..1 */
  readonly share: number;
  readonly casts: readonly Cast[];
  /** reads just as well another way, which means something else */
  readonly isDoubtful: boolean;
}

const NO_CASTS: readonly Cast[] = [];

/** How well values fit an attribute and what has to be cast for it; undefined where any value would do. */
export function lookOf(values: readonly Json[], attribute: Attribute): Look | undefined {
  if (attribute.role.kind === 'consent') {
    return plain(values, (value) => readConsent(value) !== undefined);
  }
  switch (attribute.type) {
    case 'email':
      return plain(values, isEmail);
    case 'phone':
      return plain(values, isPhone);
    case 'country':
      return plain(values, isCountry);
    case 'number':
    case 'money':
      return numberLook(values, 'number');
    case 'integer':
      return numberLook(values, 'integer');
    case 'boolean':
      return plain(values, (value) => readBoolean(value) !== undefined);
    case 'date':
      return timeLook(values, 'date');
    case 'time':
      return timeLook(values, 'time');
    case 'list':
      return listLook(values);
    case 'text':
      return attribute.key === 'currency' ? plain(values, isCurrency) : undefined;
  }
}

export function isEmail(value: Json): boolean {
  return typeof value === 'string' && normaliseEmail(value) !== undefined;
}

/** With or without a country; but a bare row of digits may be anything. */
function isPhone(value: Json): boolean {
  if (typeof value !== 'string' || !/^[+\d\s().\-/]{6,30}$/.test(value.trim())) return false;
  return value.trim().startsWith('+')
    ? normalisePhone(value, undefined) !== undefined
    : value.replace(/\D/g, '').length >= 6;
}

export function isWrittenPhone(value: Json): boolean {
  return typeof value === 'string' && /^\s*(?:\+|00)/.test(value) && isPhone(value);
}

function isCountry(value: Json): boolean {
  return typeof value === 'string' && normaliseCountry(value) !== undefined;
}

function isCurrency(value: Json): boolean {
  return typeof value === 'string' && normaliseCurrency(value) !== undefined;
}

function plain(values: readonly Json[], fits: (value: Json) => boolean): Look {
  return { share: shareOf(values, fits), casts: NO_CASTS, isDoubtful: false };
}

export function shareOf(values: readonly Json[], fits: (value: Json) => boolean): number {
  return values.length === 0 ? 0 : values.filter(fits).length / values.length;
}

const MARKS: readonly (DecimalMark | undefined)[] = [undefined, 'point', 'comma'];

function numberLook(values: readonly Json[], cast: 'number' | 'integer'): Look {
  const read = cast === 'number' ? readNumber : readInteger;
  const looks = MARKS.map((decimal) => ({
    share: shareOf(values, (value) => read(value, decimal).ok),
    casts: decimal === undefined ? NO_CASTS : [{ cast, decimal }],
    decimal,
  }));
  const best = highest(looks);
  // `1,234` is a thousand and more, or little more than one.
  const isDoubtful =
    best.decimal === 'point' && looks.some((look) => look !== best && look.share === best.share);
  return { share: best.share, casts: best.casts, isDoubtful };
}

const FORMATS: readonly TimeFormat[] = [
  ...(['iso', 'dd.mm.yyyy', 'dd/mm/yyyy', 'mm/dd/yyyy', 'dd-mm-yyyy'] as const),
  ...(['yyyy/mm/dd', 'yyyymmdd', 'epoch_ms', 'epoch_s'] as const),
];

function timeLook(values: readonly Json[], cast: 'date' | 'time'): Look {
  const looks = FORMATS.map((format) => ({
    format,
    share: shareOf(values, (value) => isLikely(value, format)),
    casts: format === 'iso' ? NO_CASTS : [{ cast, format }],
  }));
  const best = highest(looks);
  const other = looks.find(({ format }) => format === 'mm/dd/yyyy');
  const isDoubtful = best.format === 'dd/mm/yyyy' && other?.share === best.share;
  return { share: best.share, casts: best.casts, isDoubtful };
}

const YEAR_1900 = Date.UTC(1900, 0);
const YEAR_1990 = Date.UTC(1990, 0);
const YEAR_2060 = Date.UTC(2060, 0);

/** Nearly any number is an instant of some year; only those of our days are taken for one. */
function isLikely(value: Json, format: TimeFormat): boolean {
  const instant = readInstant(value, format, 'UTC');
  if (instant === undefined) return false;
  const ms = Date.parse(instant);
  if (format === 'epoch_s' || format === 'epoch_ms') return ms >= YEAR_1990 && ms < YEAR_2060;
  return format !== 'yyyymmdd' || (ms >= YEAR_1900 && ms < YEAR_2060);
}

const SEPARATORS = ['|', ';', ','] as const;

function listLook(values: readonly Json[]): Look {
  if (shareOf(values, isJsonList) === 1) return plain(values, isJsonList);
  const asJson = shareOf(
    values,
    (value) => typeof value === 'string' && value.startsWith('[') && isJsonList(parseJson(value)),
  );
  if (asJson > 0.5) return { share: asJson, casts: [{ cast: 'json' }], isDoubtful: false };
  const texts = shareOf(values, (value) => typeof value === 'string');
  const separator = SEPARATORS.find((sign) =>
    values.some((value) => typeof value === 'string' && value.includes(sign)),
  );
  return {
    share: texts * (separator === undefined ? 0.5 : 1),
    casts: [{ cast: 'list', separator: separator ?? ',' }],
    isDoubtful: false,
  };
}

function highest<T extends { readonly share: number }>(looks: readonly T[]): T {
  return looks.reduce((best, look) => (look.share > best.share ? look : best));
}
