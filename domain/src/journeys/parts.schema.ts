import { z } from 'zod';
import { PropertyFilterSchema } from '../segments/schemas.js';
import { ConditionSchema } from '../segments/schemas.js';
import { durationMs, isWellFormedText, type Json } from '../shared/index.js';

/** What the schemas of a journey and of its steps are made of, with the limits that keep a definition small enough to run. */
export const JOURNEY_LIMITS = {
  steps: 200,
  branches: 20,
  exits: 20,
  goals: 20,
  goalWindowMs: 90 * 86_400_000,
  filters: 20,
  openPerCustomer: 100,
  minWaitMs: 1_000,
  maxWaitMs: 2 * 365 * 86_400_000,
  jsonDepth: 10,
  jsonNodes: 500,
  jsonText: 5_000,
} as const;

/** These would reach the runtime's own properties on the way through code that is not ours. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

export const IdSchema = z
  .string()
  .regex(/^[a-z0-9_-]{1,64}$/, 'lower case letters, digits, - and _, at most 64 characters')
  .refine((id) => !RESERVED.has(id), 'this name is reserved');

export const KeySchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    'lower case letters, digits, - and _, at most 63 characters',
  );

export const textSchema = (max: number) =>
  z.string().min(1).max(max).refine(isWellFormedText, 'holds a NUL or half a character');

export const EventNameSchema = textSchema(255);

/** A dotted path into properties, such as `cart_id` or `cart.id`. */
export const PathSchema = textSchema(255);

export const StepIdSchema = IdSchema.meta({ ui: { control: 'step' } });

const amount = z.number().min(0).max(1_000_000_000).exactOptional();

/** A duration between two bounds, as ISO 8601 text or as units. */
export function durationSchema(minMs: number, maxMs: number) {
  return z
    .union([
      z.string().max(64),
      z.strictObject({
        weeks: amount,
        days: amount,
        hours: amount,
        minutes: amount,
        seconds: amount,
        milliseconds: amount,
      }),
    ])
    .check((ctx) => {
      const problem = durationProblem(durationMs(ctx.value), minMs, maxMs);
      if (problem !== null) ctx.issues.push({ code: 'custom', message: problem, input: ctx.value });
    })
    .meta({ ui: { control: 'duration' } });
}

export const WaitDurationSchema = durationSchema(
  JOURNEY_LIMITS.minWaitMs,
  JOURNEY_LIMITS.maxWaitMs,
);

function durationProblem(ms: number | undefined, minMs: number, maxMs: number): string | null {
  if (ms === undefined)
    return 'not a duration such as PT4H or { "hours": 4 }; months and years have no fixed length';
  if (ms < minMs) return `at least ${minMs / 1_000} s`;
  return ms > maxMs ? `at most ${maxMs / 86_400_000} days` : null;
}

const EventMatchShape = {
  kind: z.literal('event'),
  event: EventNameSchema,
  where: z.array(PropertyFilterSchema).max(JOURNEY_LIMITS.filters).exactOptional(),
  same: PathSchema.exactOptional(),
};
const SegmentMatchShape = {
  kind: z.literal('segment'),
  segment: KeySchema,
  on: z.enum(['entered', 'left']),
};

const ConditionMatchShape = {
  kind: z.literal('condition'),
  when: ConditionSchema.meta({ title: 'Begins to hold', ui: { control: 'condition' } }),
};

/** An event, a change of membership, or a condition that begins to hold; `extra` is what a rule adds to it. */
export function matchSchema<T extends z.core.$ZodLooseShape>(extra: T) {
  return z.discriminatedUnion('kind', [
    z.strictObject({ ...EventMatchShape, ...extra }),
    z.strictObject({ ...SegmentMatchShape, ...extra }),
    z.strictObject({ ...ConditionMatchShape, ...extra }),
  ]);
}

export const MatchSchema = matchSchema({});

/**
 * A JSON object of bounded size. Depth is measured before anything recurses over it; keys that would reach the runtime's own
 * properties are refused.
 */
export const JsonObjectSchema = z
  .custom<{ readonly [key: string]: Json }>(isPlainObject, 'must be an object')
  .check((ctx) => {
    const problem = jsonProblem(ctx.value);
    if (problem !== null) ctx.issues.push({ code: 'custom', message: problem, input: ctx.value });
  })
  .meta({ type: 'object', ui: { control: 'json' } });

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonProblem(root: unknown): string | null {
  const open: { readonly node: unknown; readonly depth: number }[] = [{ node: root, depth: 1 }];
  let nodes = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    nodes += 1;
    if (nodes + open.length > JOURNEY_LIMITS.jsonNodes)
      return `more than ${JOURNEY_LIMITS.jsonNodes} values`;
    if (next.depth > JOURNEY_LIMITS.jsonDepth)
      return `deeper than ${JOURNEY_LIMITS.jsonDepth} levels`;
    const problem = leafProblem(next.node);
    if (problem !== null) return problem;
    if (typeof next.node !== 'object' || next.node === null) continue;
    for (const [key, node] of Object.entries(next.node)) {
      if (RESERVED.has(key)) return `the key ${key} is reserved`;
      if (!isWellFormedText(key) || key.length > 255)
        return 'a key is too long, or holds a NUL or half a character';
      open.push({ node, depth: next.depth + 1 });
    }
  }
  return null;
}

function leafProblem(value: unknown): string | null {
  if (typeof value === 'string') {
    if (value.length > JOURNEY_LIMITS.jsonText)
      return `text longer than ${JOURNEY_LIMITS.jsonText} characters`;
    return isWellFormedText(value) ? null : 'text holds a NUL or half a character';
  }
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'numbers must be finite';
  return typeof value === 'boolean' || typeof value === 'object' ? null : 'must be JSON';
}
