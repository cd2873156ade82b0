import { isJsonList, type Json } from '../shared/index.js';
import type { Leaf } from './facts.js';
import type {
  Condition,
  CountBound,
  EventCondition,
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
  return describeEvent(leaf);
}

function joined(conditions: readonly Condition[], word: string): string {
  return conditions
    .map((part) => ('all' in part || 'any' in part ? `(${describe(part)})` : describe(part)))
    .join(word);
}

function describeEvent(leaf: EventCondition): string {
  const where = (leaf.where ?? []).map(describeFilter).join(' and ');
  const what = where === '' ? leaf.event : `${leaf.event} (where ${where})`;
  return `${what} ${times(leaf.count)}`;
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
};

function test(op: TraitOperator, value: Json | undefined): string {
  return value === undefined ? WORDS[op] : `${WORDS[op]} ${literal(value)}`;
}

/** A value as people read it: text in quotes, lists with commas, nothing longer than a line. */
export function literal(value: Json): string {
  if (isJsonList(value)) return shortened(value.map(literal).join(', '));
  return shortened(JSON.stringify(value));
}

function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}
