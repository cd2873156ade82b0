import {
  assertNever,
  atPath,
  isJsonList,
  isJsonObject,
  parseJson,
  type Json,
} from '../shared/index.js';
import { isTooDeep } from './depth.js';
import { readInteger, readNumber } from './read-number.js';
import { said } from './read-source.js';
import { readDate, readInstant } from './read-time.js';
import { readBoolean } from './read-words.js';
import type { Cast, PickedField, SimpleCast, TimeFormat, Worked } from './types.js';
import { done, failed, textOf } from './worked.js';

/** Changes the type of a value as the mapping says. `zone` is the mapping's: a cast's own comes first. */
export function applyCast(value: Json, cast: Cast, zone: string): Worked {
  switch (cast.cast) {
    case 'text':
      return asText(value);
    case 'number':
      return readNumber(value, cast.decimal);
    case 'integer':
      return readInteger(value, cast.decimal);
    case 'boolean':
      return orFail(readBoolean(value), 'not_a_boolean', 'no word for yes or no');
    case 'date':
      return asDate(value, cast, zone);
    case 'time':
      return asTime(value, cast, zone);
    case 'json':
      return asJson(value);
    case 'list':
      return asList(value, cast.separator ?? ',');
    case 'part':
      return asPart(value, cast);
    case 'words':
      return asWord(value, cast.words);
    case 'items':
      return asItems(value, cast.pick, zone);
    default:
      return assertNever(cast);
  }
}

interface TimeOptions {
  readonly format?: TimeFormat;
  readonly zone?: string;
}

export function asDate(value: Json, { format = 'iso', zone }: TimeOptions, usual: string): Worked {
  return orFail(readDate(value, format, zone ?? usual), 'not_a_date', `not as ${format} says`);
}

export function asTime(value: Json, { format = 'iso', zone }: TimeOptions, usual: string): Worked {
  return orFail(readInstant(value, format, zone ?? usual), 'not_a_time', `not as ${format} says`);
}

export function asText(value: Json): Worked {
  const text = textOf(value);
  if (text !== undefined) return done(text);
  return typeof value === 'number'
    ? failed('number_precision_lost', 'more than 15 digits')
    : failed('not_text', 'a list or an object');
}

function asJson(value: Json): Worked {
  if (typeof value !== 'string') return done(value);
  const json = parseJson(value);
  if (json === undefined) return failed('not_json', 'no valid JSON');
  return isTooDeep(json) ? failed('too_deep', 'JSON in JSON in JSON') : done(json);
}

function asList(value: Json, separator: string): Worked {
  if (isJsonList(value)) return done(value);
  if (typeof value !== 'string') return failed('not_a_list', 'neither a list nor text');
  const parts = value.split(separator).map((part) => part.trim());
  return done(parts.filter((part) => part !== ''));
}

function asPart(
  value: Json,
  { separator, index }: { readonly separator: string; readonly index: number },
): Worked {
  const text = asText(value);
  if (!text.ok || typeof text.value !== 'string') return text;
  return done(text.value.split(separator).at(index)?.trim());
}

type Words = Extract<SimpleCast, { readonly cast: 'words' }>['words'];

function asWord(value: Json, words: Words): Worked {
  const said = textOf(value)?.trim() ?? '';
  const key = Object.hasOwn(words, said) ? said : said.toLowerCase();
  if (!Object.hasOwn(words, key)) return failed('unknown_word', 'not in the table of words');
  return done(words[key] ?? undefined);
}

function asItems(value: Json, pick: Readonly<Record<string, PickedField>>, zone: string): Worked {
  if (!isJsonList(value)) return failed('not_a_list', 'not a list of objects');
  const items: Json[] = [];
  for (const item of value) {
    if (!isJsonObject(item)) return failed('not_a_list', 'not a list of objects');
    const picked: [string, Json][] = [];
    for (const [name, field] of Object.entries(pick)) {
      const read = readPicked(atPath(item, field.path), field, zone);
      if (!read.ok) return failed(read.code, `${name}: ${read.detail}`);
      if (read.value !== undefined) picked.push([name, read.value]);
    }
    items.push(Object.fromEntries(picked));
  }
  return done(items);
}

function readPicked(value: Json | undefined, { casts }: PickedField, zone: string): Worked {
  let current = said(value);
  for (const cast of casts ?? []) {
    if (current === undefined) break;
    const worked = applyCast(current, cast, zone);
    if (!worked.ok) return worked;
    current = said(worked.value);
  }
  return done(current);
}

function orFail(
  value: Json | undefined,
  code: Extract<Worked, { readonly ok: false }>['code'],
  detail: string,
): Worked {
  return value === undefined ? failed(code, detail) : done(value);
}
