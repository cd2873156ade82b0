/**
 * A first mapping of columns that nobody has seen before: by their names, and by what their values look like. A guess with its
 * reason and a confidence, for a person to accept; nothing is ever imported by a guess alone.
 */
import { isJsonObject, type Json } from '../shared/index.js';
import { namesOf } from './column-names.js';
import { isOfCustomer } from './check-mapping.js';
import { readPath } from './read-source.js';
import { nameScore } from './score-name.js';
import { isEmail, isWrittenPhone, lookOf, shareOf, type Look } from './sniff-values.js';
import type { Attribute, Cast, Catalogue, MappingTarget, Normaliser } from './types.js';

export interface Suggestion {
  readonly to: string;
  readonly from: { readonly path: string };
  readonly casts?: readonly Cast[];
  readonly normalise?: readonly Normaliser[];
  /** 0..1 */
  readonly confidence: number;
  readonly why: string;
}

export interface Sampled {
  readonly columns: readonly string[];
  readonly rows: readonly Json[];
  readonly catalogue: Catalogue;
  readonly target: MappingTarget;
}

const MOST_ROWS = 200;
const LEAST_CONFIDENCE = 0.3;
const MOST_COLUMNS = 500;
const MOST_LEVELS = 3;

/** The best attribute of each column and the best column of each attribute, surest first. */
export function suggestMapping(sampled: Sampled): readonly Suggestion[] {
  const { catalogue, target } = sampled;
  const candidates = catalogue
    .filter(({ role }) => target !== 'customers' || isOfCustomer(role))
    .map((attribute) => ({ attribute, names: namesOf(attribute.key, attribute.label, target) }));
  const rows = sampled.rows.slice(0, MOST_ROWS);
  const guesses = sampled.columns.slice(0, MOST_COLUMNS).flatMap((name) => {
    const column = { name, values: valuesOf(name, rows) };
    return candidates.flatMap((candidate) => guessOf(column, candidate) ?? []);
  });
  return chosen(guesses);
}

/** The columns of sampled rows, in the order in which they come up; objects within them as dotted paths. */
export function columnsOf(rows: readonly Json[]): string[] {
  const found = new Set<string>();
  for (const row of rows.slice(0, MOST_ROWS)) collect(row, { prefix: '', level: 1, found });
  return [...found].slice(0, MOST_COLUMNS);
}

interface Collecting {
  readonly prefix: string;
  readonly level: number;
  readonly found: Set<string>;
}

function collect(row: Json, { prefix, level, found }: Collecting): void {
  if (!isJsonObject(row)) return;
  for (const key of Object.keys(row)) {
    const value = row[key] ?? null;
    const path = prefix + key;
    if (isJsonObject(value) && level < MOST_LEVELS) {
      collect(value, { prefix: `${path}.`, level: level + 1, found });
    } else {
      found.add(path);
    }
  }
}

function valuesOf(column: string, rows: readonly Json[]): readonly Json[] {
  return rows.flatMap((row) => {
    const value = readPath(column, { row, whole: row });
    return value === undefined ? [] : [value];
  });
}

interface Column {
  readonly name: string;
  readonly values: readonly Json[];
}

interface Candidate {
  readonly attribute: Attribute;
  readonly names: ReadonlySet<string>;
}

function guessOf(column: Column, { attribute, names }: Candidate): Suggestion | undefined {
  const { values } = column;
  const name = nameScore(column.name, names);
  const confidence = name > 0 ? 0 : byValuesAlone(values, attribute);
  if (name === 0 && confidence === 0) return undefined;
  const look = values.length === 0 ? undefined : lookOf(values, attribute);
  return suggestion(column, attribute, {
    name,
    look,
    confidence: name > 0 ? combined(name, look) : confidence,
  });
}

interface Score {
  readonly name: number;
  readonly look: Look | undefined;
  readonly confidence: number;
}

function suggestion(column: Column, attribute: Attribute, score: Score): Suggestion | undefined {
  if (score.confidence < LEAST_CONFIDENCE) return undefined;
  const casts = score.look?.casts ?? [];
  const normalise = normalisersOf(attribute);
  return {
    to: attribute.key,
    from: { path: column.name },
    ...(casts.length > 0 ? { casts } : {}),
    ...(normalise.length > 0 ? { normalise } : {}),
    confidence: Math.round(score.confidence * 100) / 100,
    why: reason(column, attribute, score),
  };
}

function combined(name: number, look: Look | undefined): number {
  if (look === undefined) return name * 0.9;
  const doubt = look.isDoubtful ? 0.6 : 1;
  if (look.share >= 0.9) return (name + (1 - name) * 0.7 * look.share) * doubt;
  if (look.share < 0.5) return name * 0.3;
  return name * look.share * doubt;
}

/** Only what can hardly be anything else. */
function byValuesAlone(values: readonly Json[], { role, key }: Attribute): number {
  if (values.length === 0 || role.kind !== 'identifier' || role.identifier !== key) return 0;
  if (key === 'email') return 0.75 * atLeast(0.8, shareOf(values, isEmail));
  if (key === 'phone') return 0.6 * atLeast(0.8, shareOf(values, isWrittenPhone));
  return 0;
}

function atLeast(least: number, share: number): number {
  return share >= least ? share : 0;
}

function normalisersOf({ key, type, role }: Attribute): readonly Normaliser[] {
  if (type === 'email' || type === 'phone' || type === 'country') return [type];
  if (role.kind === 'trait' && ['name', 'firstName', 'lastName'].includes(role.trait)) {
    return ['name'];
  }
  return key === 'currency' ? ['currency'] : [];
}

function reason(column: Column, { label, type }: Attribute, { name, look }: Score): string {
  const parts: string[] = [];
  if (name >= 0.9) parts.push(`columns of this name hold ${label}`);
  else if (name > 0) parts.push(`the name "${column.name}" has a part that means ${label}`);
  if (look !== undefined) {
    const share = Math.round(look.share * 100);
    parts.push(`${share} % of ${column.values.length} values can be read as ${type}`);
    if (look.isDoubtful) parts.push('another reading is as likely: please check');
  }
  return parts.join('; ');
}

function chosen(guesses: readonly Suggestion[]): readonly Suggestion[] {
  const columns = new Set<string>();
  const keys = new Set<string>();
  const surest = [...guesses].sort((a, b) => b.confidence - a.confidence);
  return surest.filter(({ to, from }) => {
    if (columns.has(from.path) || keys.has(to)) return false;
    columns.add(from.path);
    keys.add(to);
    return true;
  });
}
