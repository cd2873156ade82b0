import { traitValue } from '../profiles/index.js';
import { describeLeaf, literal, plural } from './describe.js';
import { factCount, factKey, meetsBound, type Leaf } from './facts.js';
import { testOperator } from './match-filters.js';
import type { Condition, CustomerFacts, EventCondition, Evaluation } from './types.js';

/** Whether a customer meets a condition now: the hot path, without an explanation. */
export function isMember(condition: Condition, customer: CustomerFacts): boolean {
  if ('all' in condition) return condition.all.every((part) => isMember(part, customer));
  if ('any' in condition) return condition.any.some((part) => isMember(part, customer));
  if ('not' in condition) return !isMember(condition.not, customer);
  return holds(condition, customer);
}

/**
 * Membership with its reasons: the tests that decided, in the tree's order. Of a true `all` that is every part, of a false one
 * the parts that failed; `any` the other way round. `nextChangeAt` is null because no test depends on time yet.
 */
export function evaluate(condition: Condition, customer: CustomerFacts): Evaluation {
  const verdict = judge(condition, customer);
  return { ...verdict, nextChangeAt: null };
}

interface Verdict {
  readonly member: boolean;
  readonly because: readonly string[];
}

function judge(condition: Condition, customer: CustomerFacts): Verdict {
  if ('all' in condition) {
    const parts = condition.all.map((part) => judge(part, customer));
    const member = parts.every((part) => part.member);
    return { member, because: deciding(parts, member) };
  }
  if ('any' in condition) {
    const parts = condition.any.map((part) => judge(part, customer));
    const member = parts.some((part) => part.member);
    return { member, because: deciding(parts, member) };
  }
  if ('not' in condition) {
    const inner = judge(condition.not, customer);
    return { member: !inner.member, because: inner.because };
  }
  return { member: holds(condition, customer), because: [explain(condition, customer)] };
}

function deciding(parts: readonly Verdict[], member: boolean): readonly string[] {
  return parts.filter((part) => part.member === member).flatMap((part) => part.because);
}

function holds(leaf: Leaf, customer: CustomerFacts): boolean {
  if ('trait' in leaf) {
    return testOperator(leaf.op, traitValue(customer.traits, leaf.trait), leaf.value);
  }
  if ('segment' in leaf) return customer.segments.has(leaf.segment);
  return meetsBound(countOf(leaf, customer), leaf.count);
}

/** Keys are hashes over the filters; a leaf is asked about at every event, so its key is worked out once. */
const KEYS = new WeakMap<EventCondition, string>();

function countOf(leaf: EventCondition, customer: CustomerFacts): number {
  let key = KEYS.get(leaf);
  if (key === undefined) {
    key = factKey(leaf);
    KEYS.set(leaf, key);
  }
  return factCount(customer.facts, key);
}

function explain(leaf: Leaf, customer: CustomerFacts): string {
  const outcome = holds(leaf, customer) ? 'holds' : 'does not hold';
  return `${describeLeaf(leaf)}: ${outcome}, ${found(leaf, customer)}`;
}

function found(leaf: Leaf, customer: CustomerFacts): string {
  if ('trait' in leaf) {
    const value = traitValue(customer.traits, leaf.trait);
    return value === undefined ? 'the trait is not known' : `the trait is ${literal(value)}`;
  }
  if ('segment' in leaf) return customer.segments.has(leaf.segment) ? 'is in it' : 'is not in it';
  const count = countOf(leaf, customer);
  return count === 0 ? 'it never happened' : `it happened ${plural(count)}`;
}
