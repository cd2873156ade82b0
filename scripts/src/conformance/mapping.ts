/** MAPPING.json: which column holds what. */
import { readFile } from 'node:fs/promises';
import {
  COLUMN_KINDS,
  kindOfWord,
  type ColumnKind,
  type KnownKinds,
} from '@throughline/domain/identity/linkage';
import { Failure, messageOf } from '../failure.js';

export async function readMapping(file: string, columns: readonly string[]): Promise<KnownKinds> {
  return parseMapping(await readJson(file), columns);
}

/**
 * `{ "First Name": "given_name" }`, or the other way round, alone or under "columns"; a kind may be a word that a column could be
 * called by, or an object with "kind". Columns that are not named are left out.
 */
export function parseMapping(json: unknown, columns: readonly string[]): KnownKinds {
  const inner = isRecord(json) && isRecord(json['columns']) ? json['columns'] : json;
  if (!isRecord(inner)) throw wrong('it is no object of columns and kinds');
  const told = Object.entries(inner).flatMap(([key, value]) => pairsOf(key, value, columns));
  const kinds: Record<string, ColumnKind | 'ignore'> = Object.fromEntries(
    columns.map((name) => [name, 'ignore']),
  );
  for (const [name, kind] of told) kinds[name] = kind;
  return kinds;
}

function pairsOf(
  key: string,
  value: unknown,
  columns: readonly string[],
): [string, ColumnKind | 'ignore'][] {
  if (columns.includes(key)) return [[key, kindIn(key, value)]];
  // Kind first: a column's name, or several.
  const names = (Array.isArray(value) ? value : [value]).filter((name) => typeof name === 'string');
  const unknown = names.find((name) => !columns.includes(name));
  if (names.length === 0 || unknown !== undefined)
    throw wrong(`the file has no column "${unknown ?? key}"`);
  return names.map((name) => [name, kindIn(name, key)]);
}

function kindIn(name: string, value: unknown): ColumnKind | 'ignore' {
  const word = isRecord(value) ? (value['kind'] ?? value['type']) : value;
  if (word === null || word === 'ignore') return 'ignore';
  const kind = typeof word === 'string' ? kindOfWord(word) : null;
  if (kind === null)
    throw wrong(`the kind of "${name}" is none of ${COLUMN_KINDS.join(', ')}, ignore`);
  return kind;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readJson(file: string): Promise<unknown> {
  try {
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    return json;
  } catch (error) {
    throw wrong(messageOf(error));
  }
}

function wrong(why: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `The mapping of columns cannot be used: ${why}.`,
    command: 'npm run conformance -- --help',
  });
}
