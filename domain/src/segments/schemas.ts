import { z } from 'zod';
import { isJsonObject, isWellFormedText, parseTime } from '../shared/index.js';
import {
  A_TIME,
  boundProblem,
  durationProblem,
  valueProblem,
  windowProblem,
  type Tested,
} from './value-problem.js';
import type {
  ClockOperator,
  Condition,
  EventCondition,
  FilterOperator,
  PropertyFilter,
  SegmentDefinition,
} from './types.js';

/**
 * The one shape of segments, conditions and filters: the API, files and stored versions are parsed by it. Limits keep a
 * hostile tree from costing more than a large honest one.
 */
export const CONDITION_LIMITS = { depth: 10, leaves: 100, filters: 20, listItems: 500 } as const;

const text = (max: number) =>
  z.string().min(1).max(max).refine(isWellFormedText, 'holds a NUL or half a character');
const KeySchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    'lower case letters, digits, - and _, at most 63 characters',
  );
const ScalarSchema = z.union([text(1_000).or(z.literal('')), z.number(), z.boolean()]);
const FILTER_OPERATORS = [
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
] as const satisfies readonly FilterOperator[];
const CLOCK_OPERATORS = [
  'withinLast',
  'olderThan',
  'withinNext',
] as const satisfies readonly ClockOperator[];
const ListSchema = z.array(ScalarSchema).max(CONDITION_LIMITS.listItems);
const ValueSchema = z.union([ScalarSchema, ListSchema]);

const UnitsSchema = z.strictObject({
  weeks: z.number().min(0).exactOptional(),
  days: z.number().min(0).exactOptional(),
  hours: z.number().min(0).exactOptional(),
  minutes: z.number().min(0).exactOptional(),
  seconds: z.number().min(0).exactOptional(),
  milliseconds: z.number().min(0).exactOptional(),
});

const DurationTextSchema = z.string().max(100);

/** A length of time as ISO 8601 text or as units. */
const WindowSchema = z
  .union([DurationTextSchema, UnitsSchema])
  .check((ctx) => {
    ctx.issues.push(...issuesOf(durationProblem(ctx.value, 1), ctx.value));
  })
  .meta({ ui: { control: 'duration' } });
const TimeSchema = z
  .union([z.string().max(40), z.number()])
  .refine((value) => parseTime(value) !== undefined, `not ${A_TIME}`)
  .meta({ ui: { control: 'time' } });

export const PropertyFilterSchema: z.ZodType<PropertyFilter> = z
  .strictObject({
    property: text(255),
    op: z.enum(FILTER_OPERATORS),
    value: ValueSchema.exactOptional(),
  })
  .check((ctx) => {
    ctx.issues.push(...valueIssues(ctx.value));
  });
const FiltersSchema = z.array(PropertyFilterSchema).max(CONDITION_LIMITS.filters);

const TraitConditionSchema = z
  .strictObject({
    trait: text(255),
    op: z.enum([...FILTER_OPERATORS, ...CLOCK_OPERATORS]),
    value: z.union([ScalarSchema, ListSchema, UnitsSchema]).exactOptional(),
  })
  .check((ctx) => {
    ctx.issues.push(...valueIssues(ctx.value));
  });

const CountSchema = z.int().min(0).max(1_000_000_000);
const CountBoundSchema = z
  .strictObject({
    gte: CountSchema.exactOptional(),
    lte: CountSchema.exactOptional(),
    eq: CountSchema.exactOptional(),
  })
  .refine((bound) => Object.keys(bound).length > 0, 'name at least one of gte, lte, eq');

const BetweenSchema = z
  .tuple([TimeSchema, TimeSchema])
  .refine(
    ([from, to]) => (parseTime(from) ?? NaN) < (parseTime(to) ?? NaN),
    'the second time comes after the first',
  );
/** One flat union, so that what is wrong is told of the shape that was meant. */
const EventWindowSchema = z
  .union([
    z.literal('ever'),
    DurationTextSchema,
    UnitsSchema,
    z.strictObject({ between: BetweenSchema }),
    z.strictObject({ before: TimeSchema }),
    z.strictObject({ after: TimeSchema }),
  ])
  .check((ctx) => {
    ctx.issues.push(...issuesOf(windowProblem(ctx.value), ctx.value));
  });

const EventConditionSchema: z.ZodType<EventCondition> = z
  .strictObject({
    event: text(255),
    where: FiltersSchema.exactOptional(),
    count: CountBoundSchema.exactOptional(),
    within: EventWindowSchema.exactOptional(),
  })
  .check((ctx) => {
    ctx.issues.push(...issuesOf(boundProblem(ctx.value), ctx.value.count, 'count'));
  });

const OccurrenceRest = {
  where: FiltersSchema.exactOptional(),
  op: z.enum(['olderThan', 'withinLast', 'before', 'after']),
  value: z.union([DurationTextSchema, z.number(), UnitsSchema]),
};
const FirstEventSchema = z
  .strictObject({ firstEvent: text(255), ...OccurrenceRest })
  .check((ctx) => {
    ctx.issues.push(...valueIssues(ctx.value));
  });
const LastEventSchema = z.strictObject({ lastEvent: text(255), ...OccurrenceRest }).check((ctx) => {
  ctx.issues.push(...valueIssues(ctx.value));
});

const OpeningEvent = { event: text(255), where: FiltersSchema.exactOptional() };
const AbsenceConditionSchema = z.strictObject({
  sequence: z.tuple([
    z.strictObject(OpeningEvent),
    z.strictObject({
      ...OpeningEvent,
      absent: z.literal(true),
      within: WindowSchema,
      same: text(255).exactOptional(),
    }),
  ]),
  for: WindowSchema.exactOptional(),
});

const AnyConditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(AnyConditionSchema).min(1).max(CONDITION_LIMITS.leaves) }),
    z.strictObject({ any: z.array(AnyConditionSchema).min(1).max(CONDITION_LIMITS.leaves) }),
    z.strictObject({ not: AnyConditionSchema }),
    TraitConditionSchema,
    EventConditionSchema,
    FirstEventSchema,
    LastEventSchema,
    AbsenceConditionSchema,
    z.strictObject({ segment: KeySchema }),
  ]),
);

/**
 * The size is measured before the recursive schema sees the tree: parsing one that is a hundred thousand levels deep would
 * overflow the stack.
 */
export const ConditionSchema: z.ZodType<Condition> = z.preprocess((raw, ctx) => {
  const fault = sizeFault(raw);
  if (fault === undefined) return raw;
  ctx.addIssue({ code: 'custom', message: fault });
  return z.NEVER;
}, AnyConditionSchema);

export const SegmentDefinitionSchema: z.ZodType<SegmentDefinition> = z.strictObject({
  key: KeySchema,
  name: text(200),
  condition: ConditionSchema,
});

function sizeFault(raw: unknown): string | undefined {
  const open: { readonly node: unknown; readonly depth: number }[] = [{ node: raw, depth: 1 }];
  let leaves = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.depth > CONDITION_LIMITS.depth) return `deeper than ${CONDITION_LIMITS.depth} levels`;
    const children = childrenOf(next.node);
    if (children.length === 0) leaves += 1;
    if (leaves + open.length > CONDITION_LIMITS.leaves) {
      return `more than ${CONDITION_LIMITS.leaves} conditions`;
    }
    for (const node of children) open.push({ node, depth: next.depth + 1 });
  }
  return undefined;
}

function childrenOf(node: unknown): readonly unknown[] {
  if (!isJsonObject(node)) return [];
  for (const list of [node['all'], node['any']]) if (Array.isArray(list)) return list;
  return node['not'] === undefined ? [] : [node['not']];
}

function valueIssues(test: Tested) {
  return issuesOf(valueProblem(test), test.value, 'value');
}

function issuesOf(problem: string | undefined, input: unknown, ...path: string[]) {
  if (problem === undefined) return [];
  return [{ code: 'custom' as const, path, message: problem, input }];
}
