import { ThroughlineError } from '../shared/index.js';
import { traitSources } from '../profiles/index.js';
import { extractFacts, united } from './facts.js';
import { leavesOf } from './leaves.js';
import { dependsOnTime } from './reading.js';
import { referencesOf, segmentFaults, sortByReference } from './references.js';
import type { Condition, FactDefinition, Keep, SegmentDefinition } from './types.js';

/** All live segments of a workspace, arranged by what can change them. Immutable; built anew when a definition goes live. */
export interface SegmentIndex {
  /** dependencies come before the segments that ask for them */
  readonly order: readonly SegmentDefinition[];
  readonly facts: readonly FactDefinition[];
  /** segments whose answer time alone can change, in that order; those that only ask for such a segment follow it */
  readonly timed: readonly string[];
  isTimed(key: string): boolean;
  fact(key: string): FactDefinition | undefined;
  segment(key: string): SegmentDefinition | undefined;
  /** place in `order` */
  rank(key: string): number;
  /** also finds absences by the event that they await */
  factsByEvent(name: string): readonly FactDefinition[];
  segmentsReadingFact(key: string): readonly string[];
  /** `name` as in a change of traits: also finds segments that read into it (`address.city`) */
  segmentsReadingTrait(name: string): readonly string[];
  segmentsReadingSegment(key: string): readonly string[];
}

/**
 * Builds the index; throws `invalid_definition` with the faults where a cycle or a repeated key makes it impossible, which
 * publishing (segmentFaults) has already refused. A reference to a segment that isn't here (archived since) is never met.
 *
 * `watched` are conditions outside of segments (splits of journeys) whose facts must be counted as well.
 */
export function compileSegments(
  definitions: readonly SegmentDefinition[],
  watched: readonly Condition[] = [],
): SegmentIndex {
  const faults = segmentFaults(definitions).filter((fault) => fault.code !== 'unknown_segment');
  if (faults.length > 0) throw new ThroughlineError('invalid_definition', undefined, faults);
  const order = sortByReference(definitions);
  const facts = new Map<string, FactDefinition>();
  const readers = {
    fact: new Multi<string>(),
    trait: new Multi<string>(),
    segment: new Multi<string>(),
  };
  for (const definition of order) {
    for (const fact of extractFacts(definition.condition)) {
      facts.set(fact.key, united(facts.get(fact.key), fact));
      readers.fact.add(fact.key, definition.key);
    }
    for (const name of traitsReadBy(definition.condition)) readers.trait.add(name, definition.key);
    for (const key of referencesOf(definition.condition)) readers.segment.add(key, definition.key);
  }
  for (const fact of watched.flatMap(extractFacts))
    facts.set(fact.key, united(facts.get(fact.key), fact));
  return indexOf(order, facts, readers);
}

interface Readers {
  readonly fact: Multi<string>;
  readonly trait: Multi<string>;
  readonly segment: Multi<string>;
}

function indexOf(
  order: readonly SegmentDefinition[],
  facts: ReadonlyMap<string, FactDefinition>,
  readers: Readers,
): SegmentIndex {
  const byEvent = new Multi<FactDefinition>();
  for (const fact of facts.values()) for (const name of eventsOf(fact)) byEvent.add(name, fact);
  const timed = order
    .filter(({ condition }) => leavesOf(condition).some(dependsOnTime))
    .map(({ key }) => key);
  const isTimed = new Set(timed);
  const byKey = new Map(order.map((definition) => [definition.key, definition]));
  const ranks = new Map(order.map((definition, rank) => [definition.key, rank]));
  return {
    order,
    facts: [...facts.values()],
    timed,
    isTimed: (key) => isTimed.has(key),
    fact: (key) => facts.get(key),
    segment: (key) => byKey.get(key),
    rank: (key) => ranks.get(key) ?? -1,
    factsByEvent: (name) => byEvent.of(name),
    segmentsReadingFact: (key) => readers.fact.of(key),
    segmentsReadingTrait: (name) => readers.trait.of(name),
    segmentsReadingSegment: (key) => readers.segment.of(key),
  };
}

function eventsOf(fact: FactDefinition): readonly string[] {
  return fact.kind === 'absence' && fact.awaited !== fact.event
    ? [fact.event, fact.awaited]
    : [fact.event];
}

/** Facts of `after` that `before` did not keep, or not as far: to be counted anew from the events. */
export function growth(
  before: SegmentIndex | undefined,
  after: SegmentIndex,
): readonly FactDefinition[] {
  return after.facts.filter((fact) => {
    const known = before?.fact(fact.key);
    if (known === undefined) return true;
    return known.kind === 'count' && fact.kind === 'count' && keepsMore(fact.keep, known.keep);
  });
}

function keepsMore(a: Keep, b: Keep): boolean {
  return a.times > b.times || (a.first && !b.first) || (a.last && !b.last);
}

function traitsReadBy(condition: Condition): ReadonlySet<string> {
  const names = new Set<string>();
  for (const leaf of leavesOf(condition)) {
    if ('trait' in leaf) for (const name of traitSources(leaf.trait)) names.add(name);
  }
  return names;
}

class Multi<T> {
  private readonly lists = new Map<string, T[]>();

  add(key: string, value: T): void {
    const list = this.lists.get(key);
    if (list === undefined) this.lists.set(key, [value]);
    else list.push(value);
  }

  of(key: string): readonly T[] {
    return this.lists.get(key) ?? [];
  }
}
