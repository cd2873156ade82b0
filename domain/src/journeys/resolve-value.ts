import { atPath, isJsonObject, type Json, type JsonObject } from '../shared/index.js';
import type { StepView } from './types.js';

/** What `$path` may name: the trigger as it was, and traits as they are now. */
export type ValueScope = Pick<StepView, 'trigger' | 'traits'>;

/**
 * A value as definitions write it, with every `{ "$path": … }` replaced. What a path does not find is left out of objects and
 * null in lists: an absent property must not unset a trait.
 */
export function resolveValue(value: Json, scope: ValueScope): Json | undefined {
  const path = pathOf(value);
  if (path !== undefined) return readPath(path, scope);
  if (Array.isArray(value)) return value.map((item: Json) => resolveValue(item, scope) ?? null);
  if (isJsonObject(value)) return resolveObject(value, scope);
  return value;
}

export function resolveObject(object: JsonObject, scope: ValueScope): JsonObject {
  const pairs: [string, Json][] = [];
  for (const key of Object.keys(object)) {
    const resolved = resolveValue(object[key] ?? null, scope);
    if (resolved !== undefined) pairs.push([key, resolved]);
  }
  return Object.fromEntries(pairs);
}

/** The path of a `{ "$path": "…" }`, or undefined where the value is a literal. */
function pathOf(value: Json): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const path = value['$path'];
  return typeof path === 'string' && Object.keys(value).length === 1 ? path : undefined;
}

/** Every `$path` inside a value: for the linter. */
export function pathsIn(value: Json): readonly string[] {
  const path = pathOf(value);
  if (path !== undefined) return [path];
  if (Array.isArray(value)) return value.flatMap((item: Json) => pathsIn(item));
  return isJsonObject(value)
    ? Object.keys(value).flatMap((key) => pathsIn(value[key] ?? null))
    : [];
}

function readPath(path: string, { trigger, traits }: ValueScope): Json | undefined {
  if (path.startsWith('traits.')) return readTrait(path.slice('traits.'.length), traits);
  const { name, properties, eventTime, messageId } = trigger;
  return atPath({ trigger: { name, properties, eventTime, messageId } }, path);
}

/** Names of traits may hold dots, so the whole rest is tried as a name first. */
function readTrait(rest: string, traits: ValueScope['traits']): Json | undefined {
  const [first = '', ...inner] = rest.split('.');
  if (Object.hasOwn(traits, rest)) return traits[rest]?.v ?? undefined;
  if (!Object.hasOwn(traits, first) || inner.length === 0) return undefined;
  return atPath(traits[first]?.v, inner.join('.'));
}
