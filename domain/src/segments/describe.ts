import { describeDuration, durationMs, isJsonList, type Json } from '../shared/index.js';
import type { Leaf } from './leaves.js';
import { isClockOperator } from './match-filters.js';
import type {
  AbsenceCondition,
  Condition,
  CountBound,
  EventCondition,
  EventWindow,
  OccurrenceCondition,
  OpeningEvent,
  PropertyFilter,
  TraitOperator,
} from './types.js';

/** A condition as a sentence, for the console, the audit log and whoever reviews a change. */
export function describe(condition: Condition): string {
  if ('all' in condition) return joined(condition.all, ' and ');
  if ('any' in condition) return joined(condition.any, ' or ');
  if ('not' in condition) return `not (${describe(condition.not)})`;
  return describeLeaf(condition);
}

export function describeLeaf(leaf: Leaf): string {
  if ('trait' in leaf) return `${leaf.trait} ${test(leaf.op, leaf.value)}`;
  if ('segment' in leaf) return `is in segment ${leaf.segment}`;
  if ('event' in leaf) return describeEvent(leaf);
  return 'sequence' in leaf ? describeAbsence(leaf) : describeOccurrence(leaf);
}

function joined(conditions: readonly Condition[], word: string): string {
  return conditions
    .map((part) => ('all' in part || 'any' in part ? `(${describe(part)})` : describe(part)))
    .join(word);
}

function describeEvent(leaf: EventCondition): string {
  return [what(leaf), times(leaf.count), ...describeWindow(leaf.within)].join(' ');
}

function what({ event, where = [] }: OpeningEvent): string {
  if (where.length === 0) return event;
  return `${event} (where ${where.map(describeFilter).join(' and ')})`;
}

function describeWindow(within: EventWindow | undefined): readonly string[] {
  if (within === undefined || within === 'ever') return [];
  if (typeof within === 'object') {
    if ('between' in within) {
      const [from, to] = within.between;
      return [`between ${literal(from)} and ${literal(to)}`];
    }
    if ('before' in within) return [`before ${literal(within.before)}`];
    if ('after' in within) return [`after ${literal(within.after)}`];
  }
  return [`within the last ${span(within)}`];
}

function describeOccurrence(leaf: OccurrenceCondition): string {
  const { where } = leaf;
  const [which, event] =
    'firstEvent' in leaf ? ['first', leaf.firstEvent] : ['last', leaf.lastEvent];
  const happened = what({ event, ...(where === undefined ? {} : { where }) });
  return `the ${which} ${happened} ${test(leaf.op, leaf.value)}`;
}

function describeAbsence({ sequence: [first, awaited], for: life }: AbsenceCondition): string {
  const same = awaited.same === undefined ? '' : ` with the same ${awaited.same}`;
  const stays = life === undefined ? '' : `, for ${span(life)}`;
  return `${what(first)}, then no ${what(awaited)}${same} within ${span(awaited.within)}${stays}`;
}

/** A length of time as people read it. */
function span(value: unknown): string {
  const ms = durationMs(value);
  return ms === undefined ? 'no time' : describeDuration(ms);
}

/** RFC 3339, in UTC. */
export function instantText(ms: number): string {
  return new Date(ms).toISOString();
}

function describeFilter(filter: PropertyFilter): string {
  return `${filter.property} ${test(filter.op, filter.value)}`;
}

function times(count: CountBound | undefined): string {
  if (count === undefined) return 'at least once';
  if (count.eq === 0) return 'never';
  const words = [
    count.eq === undefined ? '' : `exactly ${plural(count.eq)}`,
    count.gte === undefined ? '' : `at least ${plural(count.gte)}`,
    count.lte === undefined ? '' : `at most ${plural(count.lte)}`,
  ];
  return words.filter((word) => word !== '').join(' and ');
}

export function plural(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

const WORDS: Readonly<Record<TraitOperator, string>> = {
  equals: 'is',
  notEquals: 'is not',
  in: 'is one of',
  notIn: 'is none of',
  contains: 'contains',
  startsWith: 'starts with',
  endsWith: 'ends with',
  exists: 'is known',
  notExists: 'is not known',
  gt: 'is more than',
  gte: 'is at least',
  lt: 'is less than',
  lte: 'is at most',
  before: 'is before',
  after: 'is after',
  withinLast: 'is within the last',
  olderThan: 'is older than',
  withinNext: 'is within the next',
};

function test(op: TraitOperator, value: Json | undefined): string {
  if (value === undefined) return WORDS[op];
  return `${WORDS[op]} ${isClockOperator(op) ? span(value) : literal(value)}`;
}

/** A value as people read it: text in quotes, lists with commas, nothing longer than a line. */
export function literal(value: Json): string {
  if (isJsonList(value)) return shortened(value.map(literal).join(', '));
  return shortened(JSON.stringify(value));
}

function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}
