import type { Json } from '../shared/index.js';
import type { DecimalMark, Worked } from './types.js';
import { done, failed } from './worked.js';

/**
 * Numbers as files write them. Thousands are grouped only where the mapping names the decimal mark: without it `1,234` may be
 * more than a thousand or little more than one. Signs of currencies around a number are passed over.
 */
const PLAIN = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const GROUPED: Readonly<Record<DecimalMark, RegExp>> = {
  point: /^([+-]?\d{1,3}(?:([, '’])\d{3}(?:\2\d{3})*)?|[+-]?\d+)?(?:\.(\d*))?$/,
  comma: /^([+-]?\d{1,3}(?:([. '’])\d{3}(?:\2\d{3})*)?|[+-]?\d+)?(?:,(\d*))?$/,
};
const AROUND = /^[\p{Sc}\s]+|[\p{Sc}\s]+$/gu;

export function readNumber(value: Json, decimal: DecimalMark | undefined): Worked {
  if (typeof value === 'number') return checked(value);
  if (typeof value !== 'string' || value.length > 100) return failed('not_a_number', 'no number');
  const text = value
    .replace(AROUND, '')
    .replace(/^([+-])[\p{Sc}\s]+/u, '$1')
    .replace('−', '-')
    .replace(/[\u00a0\u202f]/g, ' ');
  const plain = decimal === undefined ? text : ungrouped(text, decimal);
  if (plain === undefined || !PLAIN.test(plain)) {
    return failed('not_a_number', `no number with a decimal ${decimal ?? 'point'}`);
  }
  return checked(Number(plain));
}

export function readInteger(value: Json, decimal: DecimalMark | undefined): Worked {
  const read = readNumber(value, decimal);
  if (!read.ok || Number.isInteger(read.value)) return read;
  return failed('not_an_integer', 'a fraction');
}

function ungrouped(text: string, decimal: DecimalMark): string | undefined {
  const parts = GROUPED[decimal].exec(text);
  if (parts === null) return undefined;
  const [, whole = '', , fraction = ''] = parts;
  return `${whole.replace(/[^\d+-]/g, '')}.${fraction}`;
}

function checked(number: number): Worked {
  if (!Number.isFinite(number)) return failed('not_a_number', 'larger than any computer holds');
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
    return failed('number_precision_lost', 'more than 15 digits');
  }
  // JSON has no negative zero.
  return done(number === 0 ? 0 : number);
}
