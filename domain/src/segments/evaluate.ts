import { parseTime } from '../shared/index.js';
import { explain } from './explain.js';
import { leafChanges, leafHolds } from './read-leaf.js';
import type { Condition, CustomerFacts, Evaluation } from './types.js';

/** Whether a customer meets a condition at an instant (ms, on the lane's clock): the hot path, without an explanation. */
export function isMember(condition: Condition, view: CustomerFacts, now: number): boolean {
  if ('all' in condition) {
    for (const part of condition.all) if (!isMember(part, view, now)) return false;
    return true;
  }
  if ('any' in condition) {
    for (const part of condition.any) if (isMember(part, view, now)) return true;
    return false;
  }
  if ('not' in condition) return !isMember(condition.not, view, now);
  return leafHolds(condition, view, now);
}

/**
 * The first instant after `now` at which the answer may be another although nothing has happened: it may be early, it is never
 * late. Null where time alone changes nothing.
 */
export function nextChangeAt(
  condition: Condition,
  view: CustomerFacts,
  now: number,
): number | null {
  return outlook(condition, view, now).nextChangeAt;
}

export interface Outlook {
  readonly member: boolean;
  readonly nextChangeAt: number | null;
}

/** Membership and how long it lasts, in one walk. */
export function outlook(condition: Condition, view: CustomerFacts, now: number): Outlook {
  const { member, until } = span(condition, view, now);
  return { member, nextChangeAt: until <= END_OF_TIME ? until : null };
}

/** Later than any clock here goes, and than a database can hold. */
const END_OF_TIME = parseTime('9999-12-31T23:59:59.999Z') ?? Infinity;

interface Span {
  readonly member: boolean;
  /** the answer stays at least so long; Infinity: for ever */
  readonly until: number;
}

function span(condition: Condition, view: CustomerFacts, now: number): Span {
  if ('all' in condition) return spanOfParts('all', condition.all, { view, now });
  if ('any' in condition) return spanOfParts('any', condition.any, { view, now });
  if ('not' in condition) {
    const { member, until } = span(condition.not, view, now);
    return { member: !member, until };
  }
  return {
    member: leafHolds(condition, view, now),
    until: leafChanges(condition, view, now),
  };
}

/**
 * One part with the deciding answer (a false one of `all`, a true one of `any`) decides for as long as it stays: the whole cannot
 * change before the last of those has. Where there is none, any part that changes changes the whole.
 */
function spanOfParts(
  kind: 'all' | 'any',
  parts: readonly Condition[],
  { view, now }: { readonly view: CustomerFacts; readonly now: number },
): Span {
  const deciding = kind === 'any';
  let first = Infinity;
  let last = -Infinity;
  for (const part of parts) {
    const { member, until } = span(part, view, now);
    if (member === deciding) last = Math.max(last, until);
    else first = Math.min(first, until);
  }
  return last === -Infinity
    ? { member: !deciding, until: first }
    : { member: deciding, until: last };
}

/**
 * Membership with its reasons: the tests that decided, in the tree's order. Of a true `all` that is every part, of a false one
 * the parts that failed; `any` the other way round.
 */
export function evaluate(condition: Condition, view: CustomerFacts, now: number): Evaluation {
  const { member, because } = judge(condition, view, now);
  return { member, because, nextChangeAt: nextChangeAt(condition, view, now) };
}

interface Verdict {
  readonly member: boolean;
  readonly because: readonly string[];
}

function judge(condition: Condition, view: CustomerFacts, now: number): Verdict {
  if ('all' in condition) {
    const parts = condition.all.map((part) => judge(part, view, now));
    const member = parts.every((part) => part.member);
    return { member, because: decidedBy(parts, member) };
  }
  if ('any' in condition) {
    const parts = condition.any.map((part) => judge(part, view, now));
    const member = parts.some((part) => part.member);
    return { member, because: decidedBy(parts, member) };
  }
  if ('not' in condition) {
    const inner = judge(condition.not, view, now);
    return { member: !inner.member, because: inner.because };
  }
  return {
    member: leafHolds(condition, view, now),
    because: [explain(condition, view, now)],
  };
}

function decidedBy(parts: readonly Verdict[], member: boolean): readonly string[] {
  return parts.filter((part) => part.member === member).flatMap((part) => part.because);
}
