/** A CSV file of customers, each a row, and the mapping that reads it. The same seed makes the same file. */
import { seededChance } from '@throughline/domain/shared';
import { below } from './random.js';
import { TIERS } from './standard-definitions.js';

export const CUSTOMER_MAPPING = {
  key: 'customers',
  name: 'Bench: customers',
  target: 'customers',
  fields: [
    { to: 'user_id', from: { path: 'id' } },
    { to: 'email', from: { path: 'mail' }, normalise: ['email'], level: 'omit' },
    { to: 'tier', from: { path: 'tier' } },
    { to: 'spent', from: { path: 'spent' }, casts: [{ cast: 'number' }] },
    { to: 'note', from: { path: 'note' } },
  ],
} as const;

const TRAITS = [
  ['tier', 'text'],
  ['spent', 'number'],
  ['note', 'text'],
] as const;

/** What the mapping names and no workspace knows by itself. */
export const FILE_ATTRIBUTES = TRAITS.map(([key, type]) => ({
  key,
  label: `Bench: ${key}`,
  type,
  role: { kind: 'trait', trait: key },
  sensitivity: 'none',
}));

export const FILE_COLUMNS: readonly string[] = ['id', 'mail', 'tier', 'spent', 'note'];

const WORDS = ['blue', 'tall, thin', 'said "yes"', 'late', 'two\nlines', 'warm', 'Ærø', 'plain'];

/** Every row is somebody else, in this file and beside files of other seeds. */
export function customerFile(seed: number, rows: number): string {
  const random = seededChance(seed);
  const pick = (from: readonly string[]): string => from[below(random, from.length)] ?? '';
  const lines = [FILE_COLUMNS.join(',')];
  for (let row = 0; row < rows; row += 1) {
    const id = `f${seed}-${row}`;
    const spent = `${below(random, 10_000)}.${below(random, 10)}5`;
    lines.push(
      `${id},${id}@example.com,${pick(TIERS)},${spent},"${pick(WORDS).replaceAll('"', '""')}"`,
    );
  }
  return `${lines.join('\n')}\n`;
}
