/** How surely a column is meant by its name: the very name of an attribute, or a part of it. */
import { squash, words } from './column-names.js';

/** Words that say whose a value is, and not what it is. */
const WHOSE = new Set([
  ...['customer', 'client', 'user', 'contact', 'person', 'billing', 'buyer', 'kunde', 'kunden'],
  ...['kontakt', 'rechnung', 'клиент', 'клиента'],
]);

/** 0.9 for the very name, less for a part of it. */
export function nameScore(column: string, names: ReadonlySet<string>): number {
  if (names.has(squash(column))) return 0.9;
  const last = column.slice(column.lastIndexOf('.') + 1);
  const parts = words(last);
  const bare = parts.filter((word) => !WHOSE.has(word));
  if (column !== last && names.has(squash(last))) return 0.8;
  if (bare.length > 0 && bare.length < parts.length && names.has(bare.join(''))) return 0.8;
  return containsName(parts, names) ? 0.5 : 0;
}

function containsName(parts: readonly string[], names: ReadonlySet<string>): boolean {
  for (let from = 0; from < parts.length; from += 1) {
    for (let to = from + 1; to <= parts.length; to += 1) {
      const name = parts.slice(from, to).join('');
      if (name.length >= 4 && names.has(name)) return true;
    }
  }
  return false;
}
