import fc from 'fast-check';
import type { Duration, Json, JsonObject } from '../../shared/index.js';
import type {
  AbsenceCondition,
  ClockOperator,
  Condition,
  CountBound,
  EventCondition,
  EventWindow,
  FilterOperator,
  OccurrenceCondition,
  PropertyFilter,
} from '../types.js';

/**
 * Random trees, people and clocks over a small vocabulary, so that they meet often. All times and lengths are whole hours of one
 * day, and clocks stand on them and a millisecond to either side: every window is met at its very edge.
 */

export const HOUR = 3_600_000;
/** 2026-01-02T00:00:00Z */
export const DAY_START = 1_767_312_000_000;
const HOURS = 24;

const EVENTS = ['Viewed', 'Ordered', 'Left'] as const;
const PATHS = ['x', 'y', 'o.x'] as const;

const anyInstant: fc.Arbitrary<number> = fc
  .integer({ min: 0, max: HOURS })
  .map((hours) => DAY_START + hours * HOUR);

/** Also before the first and after the last of all windows. */
export const anyClock: fc.Arbitrary<number> = fc
  .tuple(fc.integer({ min: -4, max: HOURS + 10 }), fc.constantFrom(-1, 0, 1))
  .map(([hours, ms]) => DAY_START + hours * HOUR + ms);

/** Every clock that tells two answers apart, in order. */
export const EVERY_CLOCK: readonly number[] = Array.from({ length: HOURS + 24 }, (_, hours) =>
  [-1, 0, 1].map((ms) => DAY_START + (hours - 8) * HOUR + ms),
).flat();

const anyTime: fc.Arbitrary<string | number> = anyInstant.chain((ms) =>
  fc.constantFrom(ms, new Date(ms).toISOString()),
);

const anyHours = fc.integer({ min: 1, max: 6 });
const anyLength: fc.Arbitrary<Duration> = anyHours.chain((hours) =>
  fc.constantFrom<Duration>({ hours }, `PT${hours}H`),
);
const anyLengthOrNone: fc.Arbitrary<Duration> = fc.oneof(
  { weight: 8, arbitrary: anyLength },
  fc.constant({ hours: 0 }),
);

const SCALARS: readonly Json[] = ['a', 'ab', 1, 2, 3, true, '2026-01-02', '2026-01-02T06:00:00Z'];
const scalar = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...SCALARS) }, anyTime);

const FILTERS: Readonly<Record<FilterOperator, fc.Arbitrary<Json | undefined>>> = {
  exists: fc.constant(undefined),
  notExists: fc.constant(undefined),
  in: fc.array(scalar, { minLength: 1, maxLength: 3 }),
  notIn: fc.array(scalar, { minLength: 1, maxLength: 3 }),
  gt: fc.integer({ min: 0, max: 4 }),
  gte: fc.integer({ min: 0, max: 4 }),
  lt: fc.integer({ min: 0, max: 4 }),
  lte: fc.integer({ min: 0, max: 4 }),
  startsWith: fc.constantFrom('a', 'b'),
  endsWith: fc.constantFrom('a', 'b'),
  before: anyTime,
  after: anyTime,
  contains: scalar,
  equals: scalar,
  notEquals: scalar,
};

const filterTest = fc
  .constantFrom(...typedKeys(FILTERS))
  .chain((op) => FILTERS[op].map((value) => (value === undefined ? { op } : { op, value })));

const clockTest = fc
  .tuple(fc.constantFrom<ClockOperator>('withinLast', 'olderThan', 'withinNext'), anyLengthOrNone)
  .map(([op, value]) => ({ op, value }));

const anyFilter: fc.Arbitrary<PropertyFilter> = fc
  .tuple(fc.constantFrom(...PATHS), filterTest)
  .map(([property, test]) => ({ property, ...test }));
const someFilters = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  fc.array(anyFilter, { maxLength: 2 }).map((where) => ({ where })),
);

const bound: fc.Arbitrary<CountBound> = fc.oneof(
  fc.nat({ max: 3 }).map((eq) => ({ eq })),
  fc.nat({ max: 3 }).map((gte) => ({ gte })),
  fc.nat({ max: 3 }).map((lte) => ({ lte })),
  fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 4 })).map(([gte, lte]) => ({ gte, lte })),
);

const anyWindow: fc.Arbitrary<EventWindow> = fc.oneof(
  fc.constant('ever'),
  { weight: 3, arbitrary: anyLength },
  anyTime.map((before) => ({ before })),
  anyTime.map((after) => ({ after })),
  fc.tuple(anyInstant, anyHours).map(([from, hours]) => ({
    between: [from, new Date(from + hours * HOUR).toISOString()] as const,
  })),
);

const anyName = fc.constantFrom(...EVENTS);

const anyCount: fc.Arbitrary<EventCondition> = fc
  .tuple(
    anyName,
    someFilters,
    fc.option(bound, { nil: undefined }),
    fc.option(anyWindow, { nil: undefined }),
  )
  .map(([event, filters, count, within]) => ({
    event,
    ...filters,
    ...(count === undefined ? {} : { count }),
    ...(within === undefined ? {} : { within }),
  }));

const occurrenceTest: fc.Arbitrary<Pick<OccurrenceCondition, 'op' | 'value'>> = fc.oneof(
  fc
    .tuple(fc.constantFrom('olderThan' as const, 'withinLast' as const), anyLengthOrNone)
    .map(([op, value]) => ({ op, value })),
  fc
    .tuple(fc.constantFrom('before' as const, 'after' as const), anyTime)
    .map(([op, value]) => ({ op, value })),
);

const anyOccurrence: fc.Arbitrary<Condition> = fc
  .tuple(fc.boolean(), anyName, someFilters, occurrenceTest)
  .map(([first, event, filters, test]) => ({
    ...(first ? { firstEvent: event } : { lastEvent: event }),
    ...filters,
    ...test,
  }));

const anyAbsence: fc.Arbitrary<AbsenceCondition> = fc
  .record({
    opening: fc.tuple(anyName, someFilters),
    awaited: fc.tuple(anyName, someFilters),
    within: anyLength,
    same: fc.option(fc.constantFrom(...PATHS), { nil: undefined }),
    life: fc.option(anyLength, { nil: undefined }),
  })
  .map(({ opening, awaited, within, same, life }) => ({
    sequence: [
      { event: opening[0], ...opening[1] },
      {
        event: awaited[0],
        ...awaited[1],
        absent: true,
        within,
        ...(same === undefined ? {} : { same }),
      },
    ],
    ...(life === undefined ? {} : { for: life }),
  }));

const anyTrait: fc.Arbitrary<Condition> = fc
  .tuple(fc.constantFrom(...PATHS), fc.oneof(filterTest, clockTest))
  .map(([trait, test]) => ({ trait, ...test }));

/** Trees of every kind of test but those for other segments. */
export const anyCondition: fc.Arbitrary<Condition> = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(anyTrait, { weight: 2, arbitrary: anyCount }, anyOccurrence, anyAbsence),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('tree').map((not) => ({ not })),
  ),
})).tree;

const anyValue = fc.oneof(scalar, fc.constant(null), fc.array(scalar, { maxLength: 2 }));
const anyProperties: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.constantFrom('x', 'y', 'z'), anyValue, { maxKeys: 3 })
  .chain((flat) =>
    fc
      .option(anyValue, { nil: undefined })
      .map((x) => (x === undefined ? flat : { ...flat, o: { x } })),
  );

export interface SomeEvent {
  readonly name: string;
  readonly properties: JsonObject;
  readonly traits: JsonObject;
  readonly eventTime: number;
}

export const anyEvent: fc.Arbitrary<SomeEvent> = fc.record({
  name: fc.oneof({ weight: 5, arbitrary: anyName }, fc.constant('Identify')),
  properties: anyProperties,
  traits: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, anyProperties),
  eventTime: anyInstant,
});

/** What one person did, in the order in which it came: event times run in any order. */
export const anyEvents: fc.Arbitrary<SomeEvent[]> = fc.array(anyEvent, { maxLength: 15 });

function typedKeys<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  const keys: K[] = [];
  for (const key in record) keys.push(key);
  return keys;
}
