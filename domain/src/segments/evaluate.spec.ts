import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyTraits } from '../profiles/index.js';
import type { Facts, Traits } from '../profiles/types.js';
import { atPath, canonicalJson, isJsonList, type Json } from '../shared/index.js';
import { changedSegments } from './changed-segments.js';
import { compileSegments } from './compile-segments.js';
import { evaluate, isMember } from './evaluate.js';
import { factKey, updateFacts } from './facts.js';
import { anyCondition, anyEvents, type SomeEvent } from './testing/arbitraries.js';
import type { Condition, CustomerFacts, TraitOperator } from './types.js';

function person(
  traits: Record<string, Json>,
  facts: Facts = {},
  segments: readonly string[] = [],
): CustomerFacts {
  const held: Traits = Object.fromEntries(
    Object.entries(traits).map(([name, v]) => [name, { v, t: 0, p: 0, o: 0, s: null }]),
  );
  return { traits: held, facts, segments: new Set(segments) };
}

const isPro: Condition = { trait: 'plan', op: 'equals', value: 'pro' };
const bought: Condition = { event: 'Ordered' };
const orders = (count: number): Facts => ({ [factKey({ event: 'Ordered' })]: count });

describe('isMember', () => {
  it.each<[string, Condition, CustomerFacts, boolean]>([
    ['a trait', isPro, person({ plan: 'pro' }), true],
    ['another trait', isPro, person({ plan: 'free' }), false],
    ['at least once by default', bought, person({}, orders(1)), true],
    ['not once', bought, person({}), false],
    ['never', { event: 'Ordered', count: { eq: 0 } }, person({}), true],
    ['never, but once', { event: 'Ordered', count: { eq: 0 } }, person({}, orders(1)), false],
    ['between', { event: 'Ordered', count: { gte: 2, lte: 3 } }, person({}, orders(3)), true],
    ['above', { event: 'Ordered', count: { gte: 2, lte: 3 } }, person({}, orders(4)), false],
    ['all', { all: [isPro, bought] }, person({ plan: 'pro' }, orders(1)), true],
    ['not all', { all: [isPro, bought] }, person({ plan: 'pro' }), false],
    ['any', { any: [isPro, bought] }, person({}, orders(1)), true],
    ['none', { any: [isPro, bought] }, person({}), false],
    ['not', { not: isPro }, person({}), true],
    ['a segment', { segment: 'vip' }, person({}, {}, ['vip']), true],
    ['not a segment', { segment: 'vip' }, person({}, {}, ['other']), false],
    ['the runtime is no fact', { event: 'toString' }, person({}), false],
  ])('%s', (_label, condition, customer, expected) => {
    expect(isMember(condition, customer)).toBe(expected);
    expect(evaluate(condition, customer).member).toBe(expected);
  });
});

describe('evaluate', () => {
  it('explains by the conditions that decided', () => {
    const condition: Condition = { all: [isPro, { any: [bought, { segment: 'vip' }] }] };
    expect(evaluate(condition, person({ plan: 'pro' }, orders(2)))).toEqual({
      member: true,
      because: [
        'plan is "pro": holds, the trait is "pro"',
        'Ordered at least once: holds, it happened 2 times',
      ],
      nextChangeAt: null,
    });
    expect(evaluate(condition, person({ plan: 'free' }))).toEqual({
      member: false,
      because: [
        'plan is "pro": does not hold, the trait is "free"',
        'Ordered at least once: does not hold, it never happened',
        'is in segment vip: does not hold, is not in it',
      ],
      nextChangeAt: null,
    });
  });

  it('explains a negation by what is inside of it', () => {
    expect(evaluate({ not: isPro }, person({})).because).toEqual([
      'plan is "pro": does not hold, the trait is not known',
    ]);
  });

  it('always says the same as isMember, and always why', () => {
    fc.assert(
      fc.property(anyCondition, anyEvents, (condition, events) => {
        const { customer } = live(condition, events);
        const { member, because } = evaluate(condition, customer);
        expect(member).toBe(isMember(condition, customer));
        expect(because.length).toBeGreaterThan(0);
      }),
    );
  });
});

/** Runs events as the lane does: facts and memberships kept up event by event, only what changed looked at. */
function live(condition: Condition, events: readonly SomeEvent[]) {
  const index = compileSegments([{ key: 'it', name: 'It', condition }]);
  let traits: Traits = {};
  let facts: Facts = {};
  const segments = new Set<string>();
  events.forEach((event, position) => {
    const ref = { position, ordinal: 0, clock: 0 };
    const applied = applyTraits(traits, { ...event, ref, sourceKey: null });
    const counted = updateFacts(index, facts, event);
    traits = applied.traits;
    facts = counted.facts;
    const changes = changedSegments(index, {
      view: { traits, facts, segments },
      ...(position === 0
        ? {}
        : {
            changedTraits: applied.changes.map(({ name }) => name),
            changedFacts: counted.changedKeys,
          }),
    });
    for (const { segment, change } of changes) {
      if (change === 'entered') segments.add(segment);
      else segments.delete(segment);
    }
  });
  return { customer: { traits, facts, segments }, member: segments.has('it') };
}

/**
 * The oracle: counts over the raw list, every time anew, and its own reading of every operator. Deliberately shares nothing with
 * what it checks.
 */
function naive(condition: Condition, events: readonly SomeEvent[]): boolean {
  if ('all' in condition) return !condition.all.some((part) => !naive(part, events));
  if ('any' in condition) return condition.any.filter((part) => naive(part, events)).length > 0;
  if ('not' in condition) return naive(condition.not, events) ? false : true;
  if ('segment' in condition) return false;
  if ('trait' in condition)
    return naiveTest(condition.op, naiveTrait(condition.trait, events), condition.value);
  const times = events.filter(
    (event) =>
      event.name === condition.event &&
      (condition.where ?? []).filter(
        (f) => !naiveTest(f.op, atPath(event.properties, f.property), f.value),
      ).length === 0,
  ).length;
  const { gte = 0, lte = Infinity, eq } = condition.count ?? { gte: 1 };
  return eq === undefined
    ? times >= gte && times <= lte
    : times === eq && times >= gte && times <= lte;
}

function naiveTrait(name: string, events: readonly SomeEvent[]): Json | undefined {
  const [root = '', inner] = name.split('.');
  let best: { value: Json | undefined; at: number } = { value: undefined, at: -1 };
  for (const event of events) {
    if (root in event.traits && event.eventTime >= best.at)
      best = { value: event.traits[root], at: event.eventTime };
  }
  return inner === undefined ? best.value : atPath(best.value, inner);
}

function naiveTest(
  op: TraitOperator,
  actual: Json | undefined,
  expected: Json | undefined,
): boolean {
  const same = (a: Json | undefined, b: Json | undefined) =>
    a != null && b != null && canonicalJson(a) === canonicalJson(b);
  const list = (value: Json | undefined): readonly Json[] => (isJsonList(value) ? value : []);
  const time = (value: Json | undefined) =>
    typeof value === 'number'
      ? value
      : Date.parse(typeof value === 'string' && value.length > 4 ? value : 'x');
  const numbers =
    typeof actual === 'number' && typeof expected === 'number'
      ? ([actual, expected] as const)
      : undefined;
  const texts =
    typeof actual === 'string' && typeof expected === 'string'
      ? ([actual, expected] as const)
      : undefined;
  const table: Record<TraitOperator, () => boolean> = {
    exists: () => actual != null,
    notExists: () => actual == null,
    equals: () => same(actual, expected),
    notEquals: () => !same(actual, expected),
    in: () => list(expected).some((item) => same(actual, item)),
    notIn: () => !list(expected).some((item) => same(actual, item)),
    contains: () =>
      texts ? texts[0].includes(texts[1]) : list(actual).some((item) => same(item, expected)),
    startsWith: () => texts !== undefined && texts[0].indexOf(texts[1]) === 0,
    endsWith: () => texts !== undefined && texts[0].slice(-texts[1].length) === texts[1],
    gt: () => numbers !== undefined && numbers[0] > numbers[1],
    gte: () => numbers !== undefined && numbers[0] >= numbers[1],
    lt: () => numbers !== undefined && numbers[0] < numbers[1],
    lte: () => numbers !== undefined && numbers[0] <= numbers[1],
    before: () => time(actual) < time(expected),
    after: () => time(actual) > time(expected),
  };
  return table[op]();
}

describe('segments over a log of events', () => {
  it('kept up event by event equal a naive recount of all events, on 400 random trees by 8 people', () => {
    fc.assert(
      fc.property(
        anyCondition,
        fc.array(anyEvents, { minLength: 8, maxLength: 8 }),
        (condition, people) => {
          for (const events of people) {
            if (events.length === 0) continue;
            const { member, customer } = live(condition, events);
            const truth = naive(condition, events);
            expect(member).toBe(truth);
            expect(isMember(condition, customer)).toBe(truth);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
