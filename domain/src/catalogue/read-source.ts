import { atPath, isJsonList, isJsonObject, type Json } from '../shared/index.js';
import type { Source } from './types.js';
import { textOf } from './worked.js';

/** A row, and the payload it is an element of; the same thing where nothing is fanned out. */
export interface Place {
  readonly row: Json;
  readonly whole: Json;
}

const WHOLE = '$.';
const PLACEHOLDER = /\{\{\s*([^{}]+?)\s*\}\}/g;

/** What the source says, or undefined where it says nothing: absent, null, and blank are the same in a file. */
export function readSource(source: Source, place: Place): Json | undefined {
  if ('constant' in source) return source.constant;
  if ('template' in source) return fillIn(source.template, place);
  if ('firstOf' in source) return firstSaid(source.firstOf, place);
  return readPath(source.path, place);
}

/**
 * A column of exactly this name comes first, dots and all: `cust.mail` is what the file calls it. `$.` reads the whole payload
 * from within one of its elements.
 */
export function readPath(path: string, { row, whole }: Place): Json | undefined {
  if (isJsonObject(row) && Object.hasOwn(row, path)) return said(row[path]);
  const ofWhole = path.startsWith(WHOLE);
  return said(ofWhole ? atPath(whole, path.slice(WHOLE.length)) : atPath(row, path));
}

function firstSaid(paths: readonly string[], place: Place): Json | undefined {
  for (const path of paths) {
    const value = readPath(path, place);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Absent, null, blank text and an empty list say nothing. */
export function said(value: Json | undefined): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return isJsonList(value) && value.length === 0 ? undefined : value;
}

/** Nothing at all where every placeholder is empty: `, ` is nobody's name. */
function fillIn(template: string, place: Place): string | undefined {
  let filled = 0;
  let asked = 0;
  const text = template.replace(PLACEHOLDER, (_, path: string) => {
    asked += 1;
    const value = textOf(readPath(path, place) ?? null)?.trim() ?? '';
    if (value !== '') filled += 1;
    return value;
  });
  return asked > 0 && filled === 0 ? undefined : text.trim();
}
