import { z } from 'zod';
import { IdSchema, JOURNEY_LIMITS, StepIdSchema, textSchema } from '../parts.schema.js';

const BranchSchema = z.strictObject({
  id: IdSchema,
  weight: z.number().min(0).max(1_000_000).meta({ title: 'Weight' }),
  next: StepIdSchema.meta({ title: 'Then' }),
});

export const RandomSplitStepSchema = z
  .strictObject({
    kind: z.literal('randomSplit'),
    salt: textSchema(100).exactOptional().meta({ title: 'Drawn together with' }),
    branches: z
      .array(BranchSchema)
      .min(1)
      .max(JOURNEY_LIMITS.branches)
      .refine((branches) => branches.some(({ weight }) => weight > 0), 'no branch has a weight'),
  })
  .meta({
    title: 'Random split',
    description: 'Sends each person one way by lot, always the same.',
    ui: { icon: 'dice' },
  });
