/**
 * Most candidate pairs are strangers, and a few columns say so. A glance looks at one column after the other and gives up as
 * soon as not even the best that the others could say would make the pair heavy enough. It never gives up too early.
 */
import type { ColumnKind } from './kinds.js';
import type { PairLevels } from './pair-levels.js';

const { max } = Math;

/** The quickest comparisons, and those that tell most, come first. */
const ORDER: readonly ColumnKind[] = [
  'category',
  'date',
  'id',
  'phone',
  'postcode',
  'number',
  'given_name',
  'family_name',
  'email',
  'town',
  'full_name',
  'address',
  'text',
];

export interface GlanceInput {
  readonly levels: PairLevels;
  readonly prior: number;
  /** per column and level: the most it can weigh, whatever the others say */
  readonly most: readonly Float64Array[];
  /** what a column weighs at most where the two rows hold the same value */
  readonly mostExact: (column: number, row: number) => number;
}

export class Glance {
  private readonly groups: readonly (readonly number[])[];
  private readonly mostUnequal: Float64Array;
  private readonly found: Int8Array;

  constructor(private readonly input: GlanceInput) {
    const { levels, most } = input;
    this.groups = groupsOf(levels);
    this.found = new Int8Array(most.length);
    this.mostUnequal = Float64Array.from(most, (weights) => max(...weights.slice(1), 0));
  }

  mayReach(left: number, right: number, least: number): boolean {
    let bound = this.firstBound(left, right);
    for (const group of this.groups) {
      if (bound < least) return false;
      bound += this.look(group, left, right);
    }
    return bound >= least;
  }

  /** Equal values are told by their numbers; of unequal ones the best is assumed. */
  private firstBound(left: number, right: number): number {
    const { levels, prior, mostExact } = this.input;
    let bound = prior;
    for (const [column, { codes }] of levels.columns.entries()) {
      const [one, other] = [codes[left] ?? -1, codes[right] ?? -1];
      if (one < 0 || other < 0) continue;
      bound += one === other ? mostExact(column, left) : (this.mostUnequal[column] ?? 0);
    }
    return bound;
  }

  /** How much less than assumed the columns of a group say; 0 or below. */
  private look(group: readonly number[], left: number, right: number): number {
    const { levels, most } = this.input;
    const { found } = this;
    let change = 0;
    levels.readSome(group, [left, right], found);
    for (const column of group) {
      const level = found[column] ?? -1;
      if (level === 0 || levels.isMissing(column, left, right)) continue;
      change += (level < 0 ? 0 : (most[column]?.[level] ?? 0)) - (this.mostUnequal[column] ?? 0);
    }
    return change;
  }
}

/** Column by column, but given and family name together, because they may have changed places. */
function groupsOf({ columns }: PairLevels): number[][] {
  const at = (kind: ColumnKind): number[] =>
    columns.flatMap((column, index) => (column.kind === kind ? [index] : []));
  return ORDER.flatMap((kind) => {
    if (kind === 'family_name') return [];
    if (kind === 'given_name') return [[...at('given_name'), ...at('family_name')]];
    return at(kind).map((column) => [column]);
  });
}
