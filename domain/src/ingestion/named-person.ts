import { identifierKey, normaliseIdentifier, type IdentifierRef } from '../identity/index.js';
import { isJsonList, isJsonObject, parseJson, type Json } from '../shared/index.js';

/** Whom a text is searched for: every identifier that led to the person, normalised, and the ids of their profiles. */
export interface NamedPerson {
  readonly identifiers: readonly IdentifierRef[];
  readonly customerIds: readonly string[];
}

/** Says of a JSON value whether it names the person. */
export type Names = (value: Json | undefined) => boolean;

/** Where senders put ids. A short id elsewhere is a number of something: a quantity of 42 is not customer 42. */
const NAMING_KEYS: ReadonlySet<string> = new Set(
  [
    ...['userId', 'user_id', 'anonymousId', 'anonymous_id', 'previousId', 'previous_id'],
    ...['externalIds.id', 'customerId', 'customer_id', 'email', 'phone'],
  ].map((key) => key.toLowerCase()),
);

/** Long enough to be found by chance in nobody else's event. */
const TELLING = 8;

/** `namingKeys`: further keys whose values are ids, such as columns of a file; compared without regard to case. */
export function namesPerson(person: NamedPerson, namingKeys: readonly string[] = []): Names {
  const keys = new Set(person.identifiers.map(identifierKey));
  const types = [...new Set(person.identifiers.map(({ type }) => type))];
  const profiles = new Set(person.customerIds);
  const naming = new Set([...NAMING_KEYS, ...namingKeys.map((key) => key.toLowerCase())]);
  const isTheirs = (text: string, key: string): boolean => {
    if (profiles.has(text)) return true;
    return types.some((type) => {
      const value = normaliseIdentifier(type, text);
      if (value === null || !keys.has(identifierKey({ type, value }))) return false;
      return isTelling(type, value) || naming.has(key.toLowerCase());
    });
  };
  return (value) => someLeaf(value, isTheirs);
}

/** Whether the value alone, wherever it stands, is a person's. */
export function isTelling(type: string, value: string): boolean {
  return type === 'email' || type === 'phone' || value.length >= TELLING;
}

/** The same of a text; what is no JSON is looked through as it stands. */
export function textNames(person: NamedPerson, names: Names, text: string): boolean {
  const value = parseJson(text);
  if (value !== undefined) return names(value);
  const lower = text.toLowerCase();
  const inClear = person.identifiers.some(
    ({ type, value: own }) => isTelling(type, own) && lower.includes(own.toLowerCase()),
  );
  return inClear || person.customerIds.some((id) => lower.includes(id));
}

/** Depth-first with a list of its own: what nobody could parse may be nested as deep as it likes. */
function someLeaf(root: Json | undefined, test: (text: string, key: string) => boolean): boolean {
  const open: { readonly value: Json | undefined; readonly key: string }[] = [
    { value: root, key: '' },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, key } = next;
    if (typeof value === 'string' || typeof value === 'number') {
      if (test(String(value), key)) return true;
    } else if (isJsonList(value)) {
      for (const item of value) open.push({ value: item, key });
    } else if (isJsonObject(value)) {
      for (const [name, item] of Object.entries(value))
        // Everything has an id; what it is the id of says whether it is a person's.
        open.push({ value: item, key: name === 'id' ? `${key}.id` : name });
    }
  }
  return false;
}
