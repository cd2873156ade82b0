/** Customers as rows of a linkage table, and what linkage found as groups of customers. */
import {
  kindOfName,
  kindOfWord,
  type ColumnKind,
  type KnownKinds,
  type Linkage,
  type PairEvidence,
} from '@throughline/domain/identity/linkage';
import type { ComparedCustomer, Group } from '@throughline/store/identity';

/** Longer text is a story, not a name. */
const LONGEST_VALUE = 200;
/** Pairs explained per group: a reviewer reads no more. */
const MOST_EVIDENCE = 20;

/** One flat record: identifiers by type, traits by name, parts of an object trait such as `address` by their path. */
export function recordOf({ traits, identifiers }: ComparedCustomer): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [name, { v }] of Object.entries(traits)) put(record, name, v);
  // An identifier says what a trait of its name says, in its normal form.
  return { ...record, ...identifiers };
}

function put(record: Record<string, string>, name: string, value: unknown): void {
  const text = textOf(value);
  if (text !== null) record[name] = text;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [part, inner] of Object.entries(value)) {
    const innerText = textOf(inner);
    if (innerText !== null) record[`${name}.${part}`] = innerText;
  }
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.length > LONGEST_VALUE ? null : value;
  return typeof value === 'number' ? String(value) : null;
}

/**
 * Only columns whose name says that they are about who somebody is: plans, counts and favourite colours are alike among
 * strangers. Whoever asked may say more.
 */
export function kindsOf(
  names: readonly string[],
  told: Readonly<Record<string, string>>,
): KnownKinds {
  const kinds: Record<string, ColumnKind | 'ignore'> = {};
  for (const name of names) {
    const word = told[name];
    kinds[name] = (word === undefined ? kindOfName(name) : kindOfWord(word)) ?? 'ignore';
  }
  return kinds;
}

/** Clusters of more than one, heaviest first; `ids` names the rows. */
export function groupsOf(linkage: Linkage, ids: readonly string[]): Group[] {
  const rows = new Map<number, number[]>();
  for (const [row, cluster] of linkage.clusters.entries()) {
    const members = rows.get(cluster) ?? [];
    members.push(row);
    rows.set(cluster, members);
  }
  return [...rows.values()]
    .filter((members) => members.length > 1)
    .map((members) => groupOf(linkage, members, ids))
    .sort((a, b) => b.weakest - a.weakest || (first(a) < first(b) ? -1 : 1));
}

function first({ members }: Group): string {
  return members[0] ?? '';
}

function groupOf({ explain }: Linkage, rows: readonly number[], ids: readonly string[]): Group {
  const pairs = rows.flatMap((left, at) =>
    rows.slice(at + 1).map((right) => ({ left, right, ...explain(left, right) })),
  );
  pairs.sort((a, b) => b.weight - a.weight);
  return {
    members: rows.map((row) => ids[row] ?? '').sort(),
    weakest: pairs.at(-1)?.probability ?? 0,
    strongest: pairs[0]?.probability ?? 0,
    evidence: pairs
      .slice(0, MOST_EVIDENCE)
      .map(({ left, right, ...why }) => evidenceOf([ids[left] ?? '', ids[right] ?? ''], why)),
  };
}

function evidenceOf(pair: readonly [string, string], why: PairEvidence): Group['evidence'][number] {
  const [left = '', right = ''] = [...pair].sort();
  const { probability, weight, levels } = why;
  return { left, right, probability, weight: Number(weight.toFixed(2)), levels };
}
