/** Which blocks to make, and which agreements are sure enough to count matches by. */
import {
  bothKeys,
  LOOSE_PARTS,
  rowKeys,
  STRONG_PARTS,
  type KeyNumbers,
  type KeyPart,
} from './block-keys.js';
import { makeBlocks, type BlockRule, type Blocks } from './blocks.js';
import type { ColumnKind } from './kinds.js';
import type { Steps } from './steps.js';
import type { LinkageColumn, LinkageTable } from './table.js';

/** With this few rows every pair is looked at, and no rule caps recall. */
const FEW_ROWS = 2_000;
const PAIRS_PER_ROW = 4;
const FEWEST_PAIRS = 200_000;
const MOST_RULES = 64;
/** Keys of a rule take some 12 bytes a row: with many rows fewer rules have to do. */
const MOST_KEYS = 24_000_000;

/** Rules whose blocks each stay within what can be compared; the rarest agreements come first. */
export function* planBlocks(table: LinkageTable): Steps<Blocks[]> {
  if (table.rows <= FEW_ROWS) return [makeBlocks(everything(table), Number.POSITIVE_INFINITY)];
  const budget = Math.max(FEWEST_PAIRS, PAIRS_PER_ROW * table.rows);
  const most = Math.min(MOST_RULES, Math.ceil(MOST_KEYS / table.rows));
  const chosen: Blocks[] = [];
  for (const rule of [...strongRules(table), ...looseRules(table)]) {
    if (chosen.length === most) break;
    const blocks = makeBlocks(rule(), budget);
    if (blocks.pairs > 0) chosen.push(blocks);
    yield;
  }
  return chosen.sort((a, b) => a.pairs - b.pairs);
}

function everything({ rows }: LinkageTable): BlockRule {
  return { name: 'every pair', forces: [], keys: new Int32Array(rows) };
}

/** Made when its turn has come: the keys of all rules at once would fill the memory. */
type LateRule = () => BlockRule;

/** One column each: equal values, or equal in the part that matters. */
function strongRules({ columns }: LinkageTable): LateRule[] {
  return columns.flatMap((column, index) =>
    STRONG_PARTS[column.kind].map((part) => () => ({
      name: `${column.name} (${part.name})`,
      forces: [index],
      keys: rowKeys(column, part),
    })),
  );
}

/** Whoever two columns point to is a person; a household shares address, phone and surname. */
const PERSONAL: ReadonlySet<ColumnKind> = new Set([
  'given_name',
  'full_name',
  'date',
  'email',
  'id',
  'text',
  'family_name',
  'phone',
]);

interface Part {
  readonly index: number;
  readonly column: LinkageColumn;
  readonly part: KeyPart;
}

function looseRules({ columns }: LinkageTable): LateRule[] {
  const parts = columns.flatMap((column, index) =>
    LOOSE_PARTS[column.kind].map((part) => ({ index, column, part })),
  );
  return pairsOf(parts)
    .filter(([left, right]) => mayJoin(left, right))
    .map(
      ([left, right]) =>
        () =>
          looseRule(left, right),
    );
}

/** Given and family name are one set of keys without order, so that changed places bring two rows together too. */
function looseRule(left: Part, right: Part): BlockRule {
  const areNames = isName(left) && isName(right);
  const numbers: KeyNumbers = new Map();
  const one = rowKeys(left.column, left.part, numbers);
  const other = rowKeys(right.column, right.part, areNames ? numbers : undefined);
  return {
    name: `${left.column.name} (${left.part.name}) + ${right.column.name} (${right.part.name})`,
    forces: [left.index, right.index],
    keys: bothKeys(one, other, areNames),
  };
}

function isName({ column }: Part): boolean {
  return column.kind === 'given_name' || column.kind === 'family_name';
}

function mayJoin(left: Part, right: Part): boolean {
  return (
    left.index !== right.index &&
    (PERSONAL.has(left.column.kind) || PERSONAL.has(right.column.kind))
  );
}

function pairsOf<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other): [T, T] => [one, other]));
}

const NAME: readonly (readonly ColumnKind[])[] = [['given_name', 'family_name'], ['full_name']];
const SURE: readonly (readonly ColumnKind[])[] = [
  ['id'],
  ['email'],
  ['phone', 'date'],
  ['phone', 'given_name'],
  ...NAME.flatMap(
    (name) =>
      [
        [...name, 'date'],
        [...name, 'address'],
        [...name, 'phone'],
        [...name, 'postcode'],
      ] as const,
  ),
];

/** Agreements that a person would call a match without looking further. */
export function sureRules(table: LinkageTable): Blocks[] {
  const sets = SURE.flatMap((kinds) => columnsOf(table, kinds));
  const usable = sets.length > 0 ? sets : pairsOf(table.columns.map((_, index) => index));
  return usable.map((indexes) =>
    makeBlocks(exactRule(table, indexes), SURE_PAIRS_PER_ROW * table.rows),
  );
}

/** A sure agreement that joins more than this many pairs per row is a hub after all. */
const SURE_PAIRS_PER_ROW = 20;

export function exactRule({ columns }: LinkageTable, indexes: readonly number[]): BlockRule {
  const keys = indexes.flatMap((index) => columns[index]?.codes ?? []);
  const [first = new Int32Array()] = keys;
  return {
    name: indexes.map((index) => columns[index]?.name ?? '').join(' + '),
    forces: indexes,
    keys: keys.slice(1).reduce((left, right) => bothKeys(left, right), first),
  };
}

/** One column of each kind, in every way they can be chosen. */
function columnsOf({ columns }: LinkageTable, kinds: readonly ColumnKind[]): number[][] {
  return kinds.reduce<number[][]>(
    (sets, kind) =>
      sets.flatMap((set) =>
        columns.flatMap((column, index) => (column.kind === kind ? [[...set, index]] : [])),
      ),
    [[]],
  );
}
