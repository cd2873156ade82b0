/** JSON as it crosses every boundary of the product. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Array.isArray alone forgets what a readonly list holds. */
export function isJsonList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Text to JSON, or undefined where it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isParsed(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Only for what JSON.parse returned, which is JSON by construction and need not be walked to know it. */
function isParsed(value: unknown): value is Json {
  return value !== undefined;
}

/**
 * The value at a dotted path (`cart.items.0.sku`), or undefined. Reads own properties only, so that `constructor` and the
 * like are data or absent, never the runtime's.
 */
export function atPath(value: Json | undefined, path: string): Json | undefined {
  if (!path.includes('.')) return child(value, path);
  let current: Json | undefined = value;
  for (const key of path.split('.')) {
    current = child(current, key);
    if (current === undefined) return undefined;
  }
  return current;
}

const INDEX = /^\d{1,9}$/;

function child(value: Json | undefined, key: string): Json | undefined {
  if (isJsonList(value)) return INDEX.test(key) ? value[Number(key)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The same text for equal values, whatever the order of keys: what hashes and keys are made of. */
export function canonicalJson(value: Json): string {
  if (isJsonList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isJsonObject(value)) {
    const pairs = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
    return `{${pairs.join(',')}}`;
  }
  return JSON.stringify(value);
}
