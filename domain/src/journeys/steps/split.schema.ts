import { z } from 'zod';
import { ConditionSchema } from '../../segments/schemas.js';
import { IdSchema, JOURNEY_LIMITS, StepIdSchema } from '../parts.schema.js';

const BranchSchema = z.strictObject({
  id: IdSchema.refine((id) => id !== 'else', 'this name is that of the other branch'),
  when: ConditionSchema.meta({ title: 'If', ui: { control: 'condition' } }),
  next: StepIdSchema.meta({ title: 'Then' }),
});

export const SplitStepSchema = z
  .strictObject({
    kind: z.literal('split'),
    branches: z.array(BranchSchema).min(1).max(JOURNEY_LIMITS.branches),
    else: StepIdSchema.meta({ title: 'Otherwise' }),
  })
  .meta({
    title: 'Split',
    description: 'Goes the way of the first condition that holds.',
    ui: { icon: 'split' },
  });
