import { z } from 'zod';
import { isIdentifierType } from './normalise.js';
import { MAX_PATTERN_LENGTH, patternFault } from './patterns.js';
import type { IdentityRulesDefinition } from './types.js';

/** Identity rules as an operator writes them; one definition for a workspace. */

const TypeSchema = z
  .string()
  .refine((type) => type === '*' || isIdentifierType(type), 'a type of identifier, or *');

const RuleSchema = z.strictObject({
  type: TypeSchema.meta({ description: 'user_id, email, …; * stands for all others' }),
  priority: z.int().min(1).max(100).meta({ description: 'lower is stronger' }),
  limit: z.int().min(0).max(10_000).meta({ description: 'values that one customer may hold' }),
  window: z
    .enum(['ever', 'yearly', 'monthly', 'weekly'])
    .exactOptional()
    .meta({ description: 'count only values gained within the last 365, 30 or 7 days' }),
  level: z.enum(['primary', 'secondary', 'disabled']).exactOptional().meta({
    description: 'primary links customers, secondary only finds one, disabled does neither',
  }),
});

const PatternSchema = z
  .string()
  .min(2)
  .max(MAX_PATTERN_LENGTH)
  .superRefine((pattern, context) => {
    const fault = patternFault(pattern);
    if (fault !== null) context.addIssue({ code: 'custom', message: `the pattern ${fault}` });
  });

const BlockedSchema = z.strictObject({
  values: z.array(z.string().min(1).max(255)).max(1_000).default([]),
  patterns: z
    .array(PatternSchema)
    .max(20)
    .default([])
    .meta({ description: 'over the lower-cased value; begins with ^, repeats no group' }),
});

const CapsSchema = z.strictObject({
  identifiers: z.int().min(1).max(10_000).default(1_000),
  merges: z.int().min(0).max(1_000).default(100),
});

export const IdentityRulesSchema: z.ZodType<IdentityRulesDefinition> = z
  .strictObject({
    key: z.literal('rules').exactOptional(),
    strategy: z.enum(['default', 'high-fidelity', 'custom']).default('default'),
    identifiers: z.array(RuleSchema).min(1).max(50),
    blocked: BlockedSchema.default({ values: [], patterns: [] }),
    hubProfiles: z
      .int()
      .min(2)
      .max(10_000)
      .nullable()
      .default(100)
      .meta({ description: 'a value seen on more profiles links nobody any more; null: never' }),
    caps: CapsSchema.default({ identifiers: 1_000, merges: 100 }),
  })
  .superRefine(({ identifiers, strategy }, context) => {
    for (const [index, { type, level }] of identifiers.entries()) {
      const fault = (field: string, message: string): void => {
        context.addIssue({ code: 'custom', path: ['identifiers', index, field], message });
      };
      if (identifiers.findIndex((other) => other.type === type) !== index)
        fault('type', 'has a rule already');
      if (strategy === 'custom' && level === undefined)
        fault('level', 'a custom strategy says the level of each type');
      if (strategy === 'default' && level !== undefined)
        fault('level', 'levels belong to the strategies high-fidelity and custom');
    }
  })
  .meta({ title: 'Identity rules' });
