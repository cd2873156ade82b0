import type { StampedRef } from '../shared/index.js';
import { IdentityDirectory } from './directory.js';
import { identifierKey } from './normalise.js';
import type { IdentifierRef, IdentityRules } from './types.js';

/** What an event says about identity, and when. */
export interface IdentityEvent {
  readonly at: StampedRef;
  readonly identifiers: readonly IdentifierRef[];
}

export interface RuleDifference {
  readonly kind: 'merge' | 'split';
  /** the groups that would become one, or that one would fall into; each by its identifiers */
  readonly groups: readonly (readonly IdentifierRef[])[];
}

export interface RuleComparison {
  readonly events: number;
  /** customers that the rules make of these events */
  readonly before: number;
  readonly after: number;
  /** how many customers would disappear by merging, and appear by splitting */
  readonly merges: number;
  readonly splits: number;
  readonly refusedBefore: number;
  readonly refusedAfter: number;
  readonly samples: readonly RuleDifference[];
}

const SAMPLES = 20;
/** Of a group with thousands of identifiers, these many are shown. */
const SHOWN = 10;

/** Two sets of rules over the same events, as if each had held from the first of them. */
export class RulesComparison {
  private readonly before: Side;
  private readonly after: Side;
  private events = 0;

  constructor(before: IdentityRules, after: IdentityRules) {
    this.before = new Side(before);
    this.after = new Side(after);
  }

  /** In log order. */
  take(event: IdentityEvent): void {
    this.events += 1;
    this.before.take(event);
    this.after.take(event);
  }

  /** What somebody has declared to be no link, under either set of rules. */
  separate(a: IdentifierRef, b: IdentifierRef): void {
    this.before.directory.knowSeparation(a, b);
    this.after.directory.knowSeparation(a, b);
  }

  result(): RuleComparison {
    const refs = new Map([...this.before.refs, ...this.after.refs]);
    const keys = [...refs.keys()];
    const merged = grouped(keys, this.after, this.before);
    const split = grouped(keys, this.before, this.after);
    return {
      events: this.events,
      before: this.before.customers(),
      after: this.after.customers(),
      merges: surplus(merged),
      splits: surplus(split),
      refusedBefore: this.before.refused,
      refusedAfter: this.after.refused,
      samples: halved(samplesOf('merge', merged, refs), samplesOf('split', split, refs)),
    };
  }
}

class Side {
  readonly directory: IdentityDirectory;
  readonly refs = new Map<string, IdentifierRef>();
  refused = 0;

  constructor(rules: IdentityRules) {
    this.directory = new IdentityDirectory(rules);
  }

  take({ identifiers, at }: IdentityEvent): void {
    const placed = this.directory.place(identifiers, at, () => `${at.position}.${at.ordinal}`);
    if (placed.kind === 'refused') {
      this.refused += 1;
      return;
    }
    for (const ref of placed.added) this.refs.set(identifierKey(ref), ref);
  }

  customers(): number {
    return this.directory.known().length;
  }

  ownerOf(key: string): string | undefined {
    const ref = this.refs.get(key);
    return ref === undefined ? undefined : this.directory.ownerOf(ref);
  }
}

type Groups = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** The customers of one side, each with the parts that the other side makes of its identifiers. */
function grouped(keys: readonly string[], whole: Side, parts: Side): Groups {
  const groups = new Map<string, Map<string, string[]>>();
  for (const key of keys) {
    const customer = whole.ownerOf(key);
    const part = parts.ownerOf(key);
    // What only one of them takes for an identifier neither merges nor splits anybody.
    if (customer === undefined || part === undefined) continue;
    const inside = groups.get(customer) ?? new Map<string, string[]>();
    groups.set(customer, inside);
    const list = inside.get(part);
    if (list === undefined) inside.set(part, [key]);
    else list.push(key);
  }
  return groups;
}

function surplus(groups: Groups): number {
  let count = 0;
  for (const parts of groups.values()) count += parts.size - 1;
  return count;
}

function samplesOf(
  kind: RuleDifference['kind'],
  groups: Groups,
  refs: ReadonlyMap<string, IdentifierRef>,
): RuleDifference[] {
  const differing = [...groups.values()].filter((parts) => parts.size > 1);
  return differing.slice(0, SAMPLES).map((parts) => ({
    kind,
    groups: [...parts.values()].map((keys) =>
      keys.slice(0, SHOWN).flatMap((key) => refs.get(key) ?? []),
    ),
  }));
}

/** Some of each kind, and no more of one than the other leaves room for. */
function halved(merges: readonly RuleDifference[], splits: readonly RuleDifference[]) {
  const room = Math.max(SAMPLES / 2, SAMPLES - splits.length);
  const shown = merges.slice(0, room);
  return [...shown, ...splits.slice(0, SAMPLES - shown.length)];
}
