import { atPath, canonicalJson, isJsonList, type Duration, type Json } from '../../shared/index.js';
import type {
  AbsenceCondition,
  Condition,
  CountBound,
  EventCondition,
  OpeningEvent,
  TraitOperator,
} from '../types.js';
import type { SomeEvent } from './generators.js';

/**
 * The oracle: reads a tree over the raw list of everything that is known, every time anew, with its own reading of every operator.
 * Deliberately shares nothing with what it checks, and is as slow as it is plain.
 */
export function naive(condition: Condition, events: readonly SomeEvent[], now: number): boolean {
  if ('all' in condition) return !condition.all.some((part) => !naive(part, events, now));
  if ('any' in condition)
    return condition.any.filter((part) => naive(part, events, now)).length > 0;
  if ('not' in condition) return naive(condition.not, events, now) ? false : true;
  if ('segment' in condition) return false;
  if ('trait' in condition) {
    const actual = naiveTrait(condition.trait, events);
    return naiveTest({ ...condition, actual }, now);
  }
  if ('event' in condition) return naiveCount(condition, events, now);
  if ('sequence' in condition) return naiveAbsence(condition, events, now);
  const [name, pick] =
    'firstEvent' in condition ? [condition.firstEvent, Math.min] : [condition.lastEvent, Math.max];
  const { where = [] } = condition;
  const times = named({ event: name, where }, events).map(({ eventTime }) => eventTime);
  if (times.length === 0) return false;
  return naiveTest({ op: condition.op, actual: pick(...times), value: condition.value }, now);
}

function named({ event, where = [] }: OpeningEvent, events: readonly SomeEvent[]): SomeEvent[] {
  return events.filter(
    ({ name, properties }) =>
      name === event &&
      where.every(({ op, property, value }) =>
        naiveTest({ op, actual: atPath(properties, property), value }, NaN),
      ),
  );
}

function naiveCount(leaf: EventCondition, events: readonly SomeEvent[], now: number): boolean {
  const count = named(leaf, events).filter(({ eventTime }) =>
    isWithin(leaf, eventTime, now),
  ).length;
  const { gte = 0, lte = Infinity, eq = count }: CountBound = leaf.count ?? { gte: 1 };
  return count >= gte && count <= lte && count === eq;
}

function isWithin({ within = 'ever' }: EventCondition, time: number, now: number): boolean {
  if (within === 'ever') return true;
  if (typeof within === 'object' && 'between' in within)
    return time >= instant(within.between[0]) && time < instant(within.between[1]);
  if (typeof within === 'object' && 'before' in within) return time < instant(within.before);
  if (typeof within === 'object' && 'after' in within) return time > instant(within.after);
  return time + length(within) > now;
}

function naiveAbsence(leaf: AbsenceCondition, events: readonly SomeEvent[], now: number): boolean {
  const [first, awaited] = leaf.sequence;
  const valueOf = ({ properties }: SomeEvent) =>
    awaited.same === undefined ? 'same' : (atPath(properties, awaited.same) ?? null);
  const starts = length(awaited.within);
  const ends = starts + (leaf.for === undefined ? 90 * 24 * 3_600_000 : length(leaf.for));
  return named(first, events).some((a) => {
    const value = valueOf(a);
    if (value === null) return false;
    const answered = named(awaited, events).some((b) => {
      const other = valueOf(b);
      return (
        other !== null &&
        canonicalJson(other) === canonicalJson(value) &&
        b.eventTime >= a.eventTime
      );
    });
    return !answered && a.eventTime + starts <= now && now < a.eventTime + ends;
  });
}

function naiveTrait(name: string, events: readonly SomeEvent[]): Json | undefined {
  const [root = '', inner] = name.split('.');
  let best: { value: Json | undefined; at: number } = { value: undefined, at: -Infinity };
  for (const event of events) {
    if (root in event.traits && event.eventTime >= best.at)
      best = { value: event.traits[root], at: event.eventTime };
  }
  return inner === undefined ? best.value : atPath(best.value, inner);
}

interface NaiveTest {
  readonly op: TraitOperator;
  readonly actual: Json | undefined;
  readonly value?: Json | undefined;
}

function naiveTest({ op, actual, value: expected }: NaiveTest, now: number): boolean {
  const same = (a: Json | undefined, b: Json | undefined) =>
    a != null && b != null && canonicalJson(a) === canonicalJson(b);
  const list = (value: Json | undefined): readonly Json[] => (isJsonList(value) ? value : []);
  const [one, other] = [actual, expected];
  const compare = (holds: (a: number, b: number) => boolean) =>
    typeof one === 'number' && typeof other === 'number' && holds(one, other);
  const text = (holds: (a: string, b: string) => boolean) =>
    typeof one === 'string' && typeof other === 'string' && holds(one, other);
  const table: Record<TraitOperator, () => boolean> = {
    exists: () => actual != null,
    notExists: () => actual == null,
    equals: () => same(actual, expected),
    notEquals: () => !same(actual, expected),
    in: () => list(expected).some((item) => same(actual, item)),
    notIn: () => !list(expected).some((item) => same(actual, item)),
    contains: () =>
      text((a, b) => a.includes(b)) || list(actual).some((item) => same(item, expected)),
    startsWith: () => text((a, b) => a.indexOf(b) === 0),
    endsWith: () => text((a, b) => a.slice(-b.length) === b),
    gt: () => compare((a, b) => a > b),
    gte: () => compare((a, b) => a >= b),
    lt: () => compare((a, b) => a < b),
    lte: () => compare((a, b) => a <= b),
    before: () => instant(actual) < instant(expected),
    after: () => instant(actual) > instant(expected),
    olderThan: () => now >= instant(actual) + length(expected),
    withinLast: () => instant(actual) + length(expected) > now,
    withinNext: () => instant(actual) >= now && instant(actual) - length(expected) < now,
  };
  return table[op]();
}

/** Times as the generators write them; everything else compares false. */
function instant(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  return Date.parse(typeof value === 'string' && value.length > 4 ? value : 'x');
}

/** Lengths as the generators write them: `{ hours: 3 }` and `PT3H`. */
function length(value: Json | Duration | undefined): number {
  const hours = /\d+/.exec(JSON.stringify(value ?? ''))?.[0];
  return Number(hours) * 3_600_000;
}
