import { canonicalJson, hash128, type JsonObject } from '../shared/index.js';
import type { Facts } from '../profiles/index.js';
import { matchesFilters } from './match-filters.js';
import type {
  Condition,
  CountBound,
  EventCondition,
  FactDefinition,
  PropertyFilter,
} from './types.js';

/**
 * Facts: what segments count. Two conditions that count the same thing share one fact, so a thousand segments over one event cost
 * one counter.
 */

/**
 * The name of a fact in a customer's state row: the same for filters in another order, or given twice. Hashed, because filters
 * can be long and the key stands in every state row.
 */
export function factKey(definition: {
  readonly event: string;
  readonly where?: readonly PropertyFilter[];
}): string {
  const filters = distinctFilters(definition.where ?? []).map(([text]) => text);
  return hash128(JSON.stringify([definition.event, ...filters])).slice(0, 24);
}

function factOf(condition: EventCondition): FactDefinition {
  const where = distinctFilters(condition.where ?? []).map(([, filter]) => filter);
  return { key: factKey(condition), event: condition.event, where };
}

function distinctFilters(filters: readonly PropertyFilter[]): [string, PropertyFilter][] {
  const byText = new Map<string, PropertyFilter>();
  for (const filter of filters) byText.set(canonicalFilter(filter), filter);
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1));
}

function canonicalFilter({ property, op, value }: PropertyFilter): string {
  return canonicalJson(value === undefined ? [property, op] : [property, op, value]);
}

/** Every fact that a condition counts, once. */
export function extractFacts(condition: Condition): FactDefinition[] {
  const facts = new Map<string, FactDefinition>();
  for (const leaf of leavesOf(condition)) {
    if (!('event' in leaf)) continue;
    const fact = factOf(leaf);
    facts.set(fact.key, fact);
  }
  return [...facts.values()];
}

export type Leaf = Exclude<
  Condition,
  { readonly all: unknown } | { readonly any: unknown } | { readonly not: unknown }
>;

/** The tests of a tree, in order. Trees are at most ten levels deep (schemas.ts). */
export function leavesOf(condition: Condition): Leaf[] {
  if ('all' in condition) return condition.all.flatMap(leavesOf);
  if ('any' in condition) return condition.any.flatMap(leavesOf);
  if ('not' in condition) return leavesOf(condition.not);
  return [condition];
}

/** Without a bound: at least once. */
export function meetsBound(count: number, bound: CountBound | undefined): boolean {
  if (bound === undefined) return count >= 1;
  if (bound.eq !== undefined && count !== bound.eq) return false;
  if (bound.gte !== undefined && count < bound.gte) return false;
  return bound.lte === undefined || count <= bound.lte;
}

export function factCount(facts: Facts, key: string): number {
  return Object.hasOwn(facts, key) ? (facts[key] ?? 0) : 0;
}

export interface CountedEvent {
  readonly name: string;
  readonly properties: JsonObject;
}

export interface UpdatedFacts {
  /** the same object where the event counts for nothing */
  readonly facts: Facts;
  readonly changedKeys: readonly string[];
}

const UNCHANGED: readonly string[] = [];

/** Counts one event. Call it once for each event of a customer, never for a repeated one. */
export function updateFacts(
  index: { factsByEvent(name: string): readonly FactDefinition[] },
  facts: Facts,
  event: CountedEvent,
): UpdatedFacts {
  const counting = index.factsByEvent(event.name);
  return count(counting, facts, event);
}

/** The same for facts that are given: counting new ones from the events of the past. */
export function countFacts(
  counting: readonly FactDefinition[],
  facts: Facts,
  event: CountedEvent,
): Facts {
  const own = counting.filter((fact) => fact.event === event.name);
  return count(own, facts, event).facts;
}

function count(
  counting: readonly FactDefinition[],
  facts: Facts,
  event: CountedEvent,
): UpdatedFacts {
  const changedKeys: string[] = [];
  for (const fact of counting) {
    if (matchesFilters(fact.where, event.properties)) changedKeys.push(fact.key);
  }
  if (changedKeys.length === 0) return { facts, changedKeys: UNCHANGED };
  const next: Record<string, number> = { ...facts };
  for (const key of changedKeys) next[key] = factCount(facts, key) + 1;
  return { facts: next, changedKeys };
}
