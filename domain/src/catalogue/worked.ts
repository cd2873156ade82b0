import type { Json } from '../shared/index.js';
import type { MappingCode } from './mapping-code.js';
import type { Worked } from './types.js';

export function done(value: Json | undefined): Worked {
  return { ok: true, value };
}

/** The detail never repeats the value: it goes to logs and lists, and the row itself stands beside it. */
export function failed(code: MappingCode, detail: string): Worked {
  return { ok: false, code, detail };
}

/** A number that a database or a sender wrote where text is meant. */
export function textOf(value: Json): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return undefined;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value);
}
