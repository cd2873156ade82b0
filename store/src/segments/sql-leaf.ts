import type {
  AbsenceCondition,
  Condition,
  CountBound,
  EventCondition,
  OccurrenceCondition,
} from '@throughline/domain/segments';
import { durationMs, parseTime } from '@throughline/domain/shared';
import {
  eitherSql,
  eventsSql,
  kindSql,
  OWNERS,
  type EventScope,
  type EventsWanted,
  type TimeRange,
} from './sql-events.js';
import { testSql } from './sql-operator.js';
import { propertySql, traitSql } from './sql-path.js';
import { instantSql } from './sql-time.js';

export type Leaf = Exclude<
  Condition,
  { readonly all: unknown } | { readonly any: unknown } | { readonly not: unknown }
>;

/** Joins a source of rows by person, once for each different one, and answers its alias. */
export interface LeafScope extends EventScope {
  readonly join: (source: string, owner: string) => string;
}

/** One test of a tree as a predicate over `c` (the customer) and what it joins; null where it is not true. */
export function leafSql(leaf: Leaf, scope: LeafScope): string {
  if ('trait' in leaf) {
    const actual = traitSql(leaf.trait, scope.parameters);
    return testSql({ op: leaf.op, actual, expected: leaf.value }, scope);
  }
  if ('segment' in leaf) return segmentSql(leaf.segment, scope);
  if ('event' in leaf) return countSql(leaf, scope);
  return 'sequence' in leaf ? absenceSql(leaf, scope) : occurrenceSql(leaf, scope);
}

function segmentSql(segment: string, { join, parameters, workspace }: LeafScope): string {
  const members = `(select customer_id as owner from segment_membership
    where workspace_id = ${workspace} and segment_key = ${parameters.bind(segment, 'text')})`;
  return `${join(members, 'owner')}.owner is not null`;
}

function countSql(leaf: EventCondition, scope: LeafScope): string {
  const counted = `(select ${OWNERS[scope.population]} as owner, count(*) as n ${eventsSql(wantedOf(leaf, scope.now), scope)} group by 1)`;
  return boundSql(`coalesce(${scope.join(counted, 'owner')}.n, 0)`, leaf.count, scope);
}

function boundSql(n: string, bound: CountBound | undefined, { parameters }: LeafScope): string {
  const { gte, lte, eq } = bound ?? { gte: 1 };
  const tests = [
    ...(eq === undefined ? [] : [`${n} = ${parameters.bind(eq, 'bigint')}`]),
    ...(gte === undefined ? [] : [`${n} >= ${parameters.bind(gte, 'bigint')}`]),
    ...(lte === undefined ? [] : [`${n} <= ${parameters.bind(lte, 'bigint')}`]),
  ];
  // A bound without a limit, which the schema refuses, holds of any count.
  return tests.length === 0 ? 'true' : `(${tests.join(' and ')})`;
}

/** The events that a leaf speaks of at `now`. */
export function wantedOf(leaf: EventCondition, now: number): EventsWanted {
  return { event: leaf.event, where: leaf.where ?? [], range: rangeOf(leaf.within, now) };
}

function rangeOf(within: EventCondition['within'], now: number): TimeRange {
  if (within === undefined || within === 'ever') return {};
  if (typeof within === 'object') {
    if ('between' in within)
      return { from: instant(within.between[0]), before: instant(within.between[1]) };
    if ('before' in within) return { before: instant(within.before) };
    if ('after' in within) return { after: instant(within.after) };
  }
  return { after: now - length(within) };
}

/** What is no time (the schema refuses it) lies beyond every event. */
function instant(time: unknown): number {
  return parseTime(time) ?? Number.POSITIVE_INFINITY;
}

function length(duration: unknown): number {
  return durationMs(duration) ?? 0;
}

function occurrenceSql(leaf: OccurrenceCondition, scope: LeafScope): string {
  const [event, pick] = 'firstEvent' in leaf ? [leaf.firstEvent, 'min'] : [leaf.lastEvent, 'max'];
  const wanted = { event, where: leaf.where ?? [], range: {} };
  const source = `(select ${OWNERS[scope.population]} as owner, ${pick}(e.event_time) as at ${eventsSql(wanted, scope)} group by 1)`;
  const at = `${scope.join(source, 'owner')}.at`;
  switch (leaf.op) {
    case 'olderThan':
      return `${at} <= ${instantSql(scope.now - length(leaf.value), scope.parameters)}`;
    case 'withinLast':
      return `${at} > ${instantSql(scope.now - length(leaf.value), scope.parameters)}`;
    case 'before':
      return `${at} < ${instantSql(instant(leaf.value), scope.parameters)}`;
    case 'after':
      return `${at} > ${instantSql(instant(leaf.value), scope.parameters)}`;
  }
}

/** Where nothing else is said, somebody stays in an absence for so long after it became true. */
const DEFAULT_LIFE_MS = 90 * 86_400_000;

/** The two kinds of events that an absence speaks of at `now`: those that may have opened it, and what may have answered them. */
export function absenceWanted(leaf: AbsenceCondition, now: number) {
  const [first, awaited] = leaf.sequence;
  const window = length(awaited.within);
  const life = leaf.for === undefined ? DEFAULT_LIFE_MS : length(leaf.for);
  // Whatever was before the earliest opening that counts answers nothing.
  const after = now - window - life;
  return {
    first: { event: first.event, where: first.where ?? [], range: { after, upTo: now - window } },
    awaited: { event: awaited.event, where: awaited.where ?? [], range: { after } },
    same: awaited.same ?? null,
  };
}

/**
 * Somebody is in while an event of the first kind is old enough, not too old, and later than all that were awaited: so the newest
 * of either kind decides, value by value, and one pass over both kinds finds them.
 */
function absenceSql(leaf: AbsenceCondition, scope: LeafScope): string {
  const { first, awaited, same } = absenceWanted(leaf, scope.now);
  const shared = same === null ? null : propertySql(same, scope.parameters);
  const newest = (wanted: EventsWanted): string =>
    `max(e.event_time) filter (where ${kindSql(wanted, scope)})`;
  const source = `(select distinct o.owner from (
      select ${OWNERS[scope.population]} as owner, ${newest(first)} as opened, ${newest(awaited)} as answered
        ${eitherSql([first.event, awaited.event], awaited.range, scope)}${shared === null ? '' : ` and ${shared} is not null`}
       group by 1${shared === null ? '' : `, ${shared}`}) o
     where o.opened is not null and (o.answered is null or o.answered < o.opened))`;
  return `${scope.join(source, 'owner')}.owner is not null`;
}
