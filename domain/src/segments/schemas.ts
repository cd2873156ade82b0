import { z } from 'zod';
import {
  assertNever,
  isJsonObject,
  isWellFormedText,
  parseTime,
  type Json,
} from '../shared/index.js';
import type { Condition, PropertyFilter, SegmentDefinition, TraitOperator } from './types.js';

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
const OPERATORS = [
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
] as const satisfies readonly TraitOperator[];
const OperatorSchema = z.enum(OPERATORS);
const ValueSchema = z.union([ScalarSchema, z.array(ScalarSchema).max(CONDITION_LIMITS.listItems)]);

export const PropertyFilterSchema: z.ZodType<PropertyFilter> = z
  .strictObject({
    property: text(255),
    op: OperatorSchema,
    value: ValueSchema.exactOptional(),
  })
  .check((ctx) => {
    ctx.issues.push(...valueIssues(ctx.value));
  });

const TraitConditionSchema = z
  .strictObject({ trait: text(255), op: OperatorSchema, value: ValueSchema.exactOptional() })
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

const EventConditionSchema = z.strictObject({
  event: text(255),
  where: z.array(PropertyFilterSchema).max(CONDITION_LIMITS.filters).exactOptional(),
  count: CountBoundSchema.exactOptional(),
  within: z.literal('ever').exactOptional(),
});

const AnyConditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(AnyConditionSchema).min(1).max(CONDITION_LIMITS.leaves) }),
    z.strictObject({ any: z.array(AnyConditionSchema).min(1).max(CONDITION_LIMITS.leaves) }),
    z.strictObject({ not: AnyConditionSchema }),
    TraitConditionSchema,
    EventConditionSchema,
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

interface Test {
  readonly op: TraitOperator;
  readonly value?: Json;
}

function valueIssues(test: Test) {
  const problem = valueProblem(test);
  if (problem === undefined) return [];
  return [{ code: 'custom' as const, path: ['value'], message: problem, input: test.value }];
}

function valueProblem({ op, value }: Test): string | undefined {
  switch (op) {
    case 'exists':
    case 'notExists':
      return value === undefined ? undefined : `${op} takes no value`;
    case 'in':
    case 'notIn':
      return Array.isArray(value) && value.length > 0 ? undefined : `${op} takes a list`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return typeof value === 'number' ? undefined : `${op} takes a number`;
    case 'startsWith':
    case 'endsWith':
      return typeof value === 'string' && value !== '' ? undefined : `${op} takes text`;
    case 'before':
    case 'after':
      return parseTime(value) === undefined
        ? `${op} takes a time such as 2026-01-31T12:00:00Z, or ms since epoch`
        : undefined;
    case 'contains':
    case 'equals':
    case 'notEquals':
      return value === undefined ? `${op} takes a value` : undefined;
    default:
      return assertNever(op);
  }
}
