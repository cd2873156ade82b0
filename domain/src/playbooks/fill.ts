/**
 * Holes and what fills them. `{ "$set": "wait" }` stands for the value of a parameter, whatever its type; `[[shopName]]` inside a
 * text stands for its words. A value can only ever be a value: nothing in it is read as Liquid, markup or JSON.
 */
import {
  assertNever,
  durationMs,
  isJsonList,
  isJsonObject,
  ok,
  refuse,
  type Fault,
  type Json,
  type JsonObject,
  type Result,
} from '../shared/index.js';
import type { Parameter, Settings } from './types.js';

type Parameters = Readonly<Record<string, Parameter>>;

/** The value of every parameter: given, else its default. What no parameter is called is a mistake and not ignored. */
export function settle(
  parameters: Parameters,
  given: Readonly<Record<string, string | number>>,
): Result<Settings, readonly Fault[]> {
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(parameters, name))
    .map((name) => fault(name, 'unknown_parameter', `there is no parameter ${name}`));
  const settings: Record<string, string | number> = {};
  const bad = Object.entries(parameters).flatMap(([name, parameter]) => {
    const value = read(parameter, given[name] ?? parameter.default);
    if (value === null)
      return [fault(name, 'bad_parameter', `not a ${parameter.kind}: ${WHAT_IS[parameter.kind]}`)];
    settings[name] = value;
    return [];
  });
  const faults = [...unknown, ...bad];
  return faults.length === 0 ? ok(settings) : refuse(faults);
}

const WHAT_IS: Readonly<Record<Parameter['kind'], string>> = {
  duration: 'such as PT4H or P3D',
  number: 'not negative',
  text: 'words without < > { } " or a line break',
  key: 'lower case letters, digits, - and _',
  time: 'HH:MM',
};

/** Null where the text is no value of this kind. */
function read({ kind }: Parameter, value: string | number): string | number | null {
  const text = String(value).trim();
  switch (kind) {
    case 'duration':
      return durationMs(text) === undefined ? null : text;
    case 'number': {
      const number = text === '' ? Number.NaN : Number(text);
      return Number.isFinite(number) && number >= 0 ? number : null;
    }
    case 'text':
      return /^[^<>{}"\p{Cc}]{1,200}$/u.test(text) ? text : null;
    case 'key':
      return /^[a-z0-9][a-z0-9_-]{0,62}$/.test(text) ? text : null;
    case 'time':
      return /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : null;
    default:
      return assertNever(kind);
  }
}

/** The document with its holes filled; a hole that no parameter fills is a fault at its path. */
export function fill(document: Json, settings: Settings): Result<Json, readonly Fault[]> {
  const faults: Fault[] = [];
  const filled = fillValue(document, '', { settings, faults });
  return faults.length === 0 ? ok(filled) : refuse(faults);
}

interface Filling {
  readonly settings: Settings;
  readonly faults: Fault[];
}

function fillValue(value: Json, path: string, filling: Filling): Json {
  if (typeof value === 'string') return fillText(value, path, filling);
  if (isJsonList(value))
    return value.map((item, index) => fillValue(item, inside(path, String(index)), filling));
  if (!isJsonObject(value)) return value;
  const hole = holeIn(value);
  if (hole !== null) return settingOf(hole, path, filling);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillValue(item, inside(path, key), filling)]),
  );
}

function holeIn(value: JsonObject): string | null {
  const { $set } = value;
  return Object.keys(value).length === 1 && typeof $set === 'string' ? $set : null;
}

function fillText(text: string, path: string, filling: Filling): string {
  return text.replace(/\[\[([A-Za-z0-9]{1,40})\]\]/g, (_whole, name: string) =>
    String(settingOf(name, path, filling)),
  );
}

function settingOf(name: string, path: string, { settings, faults }: Filling): string | number {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (value !== undefined) return value;
  faults.push(fault(path, 'unknown_parameter', `there is no parameter ${name}`));
  return '';
}

function inside(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function fault(path: string, code: string, message: string): Fault {
  return { path, code, message };
}
