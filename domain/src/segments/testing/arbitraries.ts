import fc from 'fast-check';
import type { Json, JsonObject } from '../../shared/index.js';
import type { Condition, CountBound, PropertyFilter, TraitOperator } from '../types.js';

/** Random trees, people and events over a small vocabulary, so that they meet often. */

const OPERATORS: readonly TraitOperator[] = [
  'equals',
  'notEquals',
  'in',
  'notIn',
  'contains',
  'startsWith',
  'endsWith',
  'exists',
  'notExists',
  'gt',
  'gte',
  'lt',
  'lte',
  'before',
  'after',
];
const EVENTS = ['Viewed', 'Ordered', 'Left'] as const;
const SCALARS: readonly Json[] = ['a', 'ab', 1, 2, 3, true, '2026-01-02', '2026-03-04T05:06:07Z'];
const scalar = fc.constantFrom(...SCALARS);

function valueFor(op: TraitOperator): fc.Arbitrary<Json | undefined> {
  switch (op) {
    case 'exists':
    case 'notExists':
      return fc.constant(undefined);
    case 'in':
    case 'notIn':
      return fc.array(scalar, { minLength: 1, maxLength: 3 });
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return fc.integer({ min: 0, max: 4 });
    case 'startsWith':
    case 'endsWith':
      return fc.constantFrom('a', 'b');
    case 'before':
    case 'after':
      return fc.constantFrom<Json>('2026-02-01', 1_770_000_000_000);
    case 'contains':
    case 'equals':
    case 'notEquals':
      return scalar;
  }
}

interface Test {
  readonly op: TraitOperator;
  readonly value?: Json;
}

const test: fc.Arbitrary<Test> = fc
  .constantFrom(...OPERATORS)
  .chain((op) => valueFor(op).map((value) => (value === undefined ? { op } : { op, value })));

const filter: fc.Arbitrary<PropertyFilter> = fc
  .tuple(fc.constantFrom('x', 'y', 'o.x'), test)
  .map(([property, rest]) => ({ property, ...rest }));

const bound: fc.Arbitrary<CountBound> = fc.oneof(
  fc.nat({ max: 3 }).map((eq) => ({ eq })),
  fc.nat({ max: 3 }).map((gte) => ({ gte })),
  fc.nat({ max: 3 }).map((lte) => ({ lte })),
  fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 4 })).map(([gte, lte]) => ({ gte, lte })),
);

export const anyCondition: fc.Arbitrary<Condition> = fc.letrec<{
  tree: Condition;
  leaf: Condition;
}>((tie) => ({
  leaf: fc.oneof(
    fc.tuple(fc.constantFrom('x', 'y', 'o.x'), test).map(([trait, rest]) => ({ trait, ...rest })),
    fc
      .record({
        event: fc.constantFrom(...EVENTS),
        where: fc.array(filter, { maxLength: 2 }),
        count: bound,
      })
      .chain((full) =>
        fc.constantFrom<Condition>(
          full,
          { event: full.event },
          { event: full.event, where: full.where },
        ),
      ),
  ),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('tree').map((not) => ({ not })),
  ),
})).tree;

const anyValue = fc.oneof(scalar, fc.constant(null), fc.array(scalar, { maxLength: 2 }));
const anyProperties: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.constantFrom('x', 'y', 'z'), anyValue)
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

export const anyEvents: fc.Arbitrary<SomeEvent[]> = fc.array(
  fc.record({
    name: fc.constantFrom(...EVENTS, 'Identify'),
    properties: anyProperties,
    traits: fc.oneof(fc.constant({}), anyProperties),
    eventTime: fc.nat({ max: 5 }),
  }),
  { maxLength: 15 },
);
