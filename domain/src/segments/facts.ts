import { canonicalJson, durationMs, hash128, parseTime } from '../shared/index.js';
import { leavesOf, type Leaf } from './leaves.js';
import type {
  AbsenceCondition,
  AbsenceFact,
  Condition,
  CountBound,
  CountFact,
  EventCondition,
  FactDefinition,
  Keep,
  OccurrenceCondition,
  PropertyFilter,
  TimeRange,
} from './types.js';

/**
 * Facts: what segments count. Two conditions that count the same thing share one fact, so a thousand segments over one event cost
 * one counter.
 */

interface Counted {
  readonly event: string;
  readonly where?: readonly PropertyFilter[];
  readonly range?: TimeRange | null;
}

/**
 * The name of a fact in a customer's state row: the same for filters in another order, or given twice. Hashed, because filters
 * can be long and the key stands in every state row.
 */
export function factKey({ event, where = [], range = null }: Counted): string {
  const times = range === null ? [] : [[range.from, range.to]];
  return hashed([event, ...times, ...filterTexts(where)]);
}

/** What stands for something else in JSON stands for something else in the hash: no count is ever an absence. */
function absenceKey({ event, where, awaited, awaitedWhere, same }: Omit<AbsenceFact, 'key'>) {
  return hashed({
    absence: [[event, ...filterTexts(where)], [awaited, ...filterTexts(awaitedWhere)], same],
  });
}

function hashed(named: unknown): string {
  return hash128(JSON.stringify(named)).slice(0, 16);
}

/** The fact that a test reads; null for those that read none. */
export function factOf(leaf: Leaf): FactDefinition | null {
  if ('event' in leaf) return countFact(leaf);
  if ('sequence' in leaf) return absenceFact(leaf);
  return 'trait' in leaf || 'segment' in leaf ? null : occurrenceFact(leaf);
}

/** Every fact that a condition counts, once, kept as far as its most demanding test needs. */
export function extractFacts(condition: Condition): FactDefinition[] {
  const facts = new Map<string, FactDefinition>();
  for (const leaf of leavesOf(condition)) {
    const fact = factOf(leaf);
    if (fact !== null) facts.set(fact.key, united(facts.get(fact.key), fact));
  }
  return [...facts.values()];
}

/** One fact for two who share it: kept as far as either needs. */
export function united(known: FactDefinition | undefined, fact: FactDefinition): FactDefinition {
  if (known?.kind !== 'count' || fact.kind !== 'count') return fact;
  return {
    ...fact,
    keep: {
      times: Math.max(known.keep.times, fact.keep.times),
      first: known.keep.first || fact.keep.first,
      last: known.keep.last || fact.keep.last,
    },
  };
}

function countFact(leaf: EventCondition): CountFact {
  const range = rangeOf(leaf);
  const times = windowOf(leaf) === null ? 0 : timesNeeded(leaf.count);
  return factWith({ ...leaf, range }, { times, first: false, last: false });
}

function occurrenceFact(leaf: OccurrenceCondition): CountFact {
  return 'firstEvent' in leaf
    ? factWith({ ...leaf, event: leaf.firstEvent }, { times: 0, first: true, last: false })
    : factWith({ ...leaf, event: leaf.lastEvent }, { times: 0, first: false, last: true });
}

function factWith({ event, where = [], range = null }: Counted, keep: Keep): CountFact {
  const key = factKey({ event, where, range });
  return { key, kind: 'count', event, where: distinctFilters(where), range, keep };
}

function absenceFact({ sequence: [first, awaited] }: AbsenceCondition): AbsenceFact {
  const fact = {
    kind: 'absence',
    event: first.event,
    where: distinctFilters(first.where ?? []),
    awaited: awaited.event,
    awaitedWhere: distinctFilters(awaited.where ?? []),
    same: awaited.same ?? null,
  } as const;
  return { key: absenceKey(fact), ...fact };
}

/** The newest times that tell whether a bound is met, however many more there are. */
export function timesNeeded(bound: CountBound | undefined): number {
  if (bound === undefined) return 1;
  const above = (limit: number | undefined) => (limit === undefined ? 0 : limit + 1);
  return Math.max(bound.gte ?? 0, above(bound.lte), above(bound.eq));
}

/** Length of the rolling window of a test, in ms; null where it has none. */
export function windowOf({ within }: EventCondition): number | null {
  return within === undefined || within === 'ever' ? null : (durationMs(within) ?? null);
}

/** The fixed range of event times that a test counts; null where it has none. */
function rangeOf({ within }: EventCondition): TimeRange | null {
  if (typeof within !== 'object') return null;
  if ('between' in within) {
    const [from, to] = within.between;
    return { from: instant(from), to: instant(to) };
  }
  if ('before' in within) return { from: null, to: instant(within.before) };
  return 'after' in within ? { from: instant(within.after) + 1, to: null } : null;
}

/** What is no time (the schema refuses it) counts nothing: no comparison with NaN holds. */
function instant(time: unknown): number {
  return parseTime(time) ?? NaN;
}

function filterTexts(filters: readonly PropertyFilter[]): string[] {
  return [...byText(filters).keys()].sort();
}

function distinctFilters(filters: readonly PropertyFilter[]): PropertyFilter[] {
  return [...byText(filters)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, filter]) => filter);
}

function byText(filters: readonly PropertyFilter[]): Map<string, PropertyFilter> {
  return new Map(filters.map((filter) => [canonicalFilter(filter), filter]));
}

function canonicalFilter({ property, op, value }: PropertyFilter): string {
  return canonicalJson(value === undefined ? [property, op] : [property, op, value]);
}

/** Without a bound: at least once. */
export function meetsBound(count: number, bound: CountBound | undefined): boolean {
  if (bound === undefined) return count >= 1;
  if (bound.eq !== undefined && count !== bound.eq) return false;
  if (bound.gte !== undefined && count < bound.gte) return false;
  return bound.lte === undefined || count <= bound.lte;
}
