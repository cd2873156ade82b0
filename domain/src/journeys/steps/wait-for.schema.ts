import { z } from 'zod';
import {
  IdSchema,
  JOURNEY_LIMITS,
  MatchSchema,
  StepIdSchema,
  WaitDurationSchema,
} from '../parts.schema.js';

const BranchSchema = z.strictObject({
  id: IdSchema,
  on: MatchSchema.meta({ title: 'When' }),
  next: StepIdSchema.meta({ title: 'Then' }),
});

export const WaitForStepSchema = z
  .strictObject({
    kind: z.literal('waitFor'),
    branches: z.array(BranchSchema).min(1).max(JOURNEY_LIMITS.branches),
    timeout: z.strictObject({
      after: WaitDurationSchema.meta({ title: 'At most' }),
      next: StepIdSchema.meta({ title: 'Then' }),
    }),
    restartOnRepeat: z
      .boolean()
      .exactOptional()
      .meta({ title: 'Begin anew when the trigger repeats' }),
    alreadyTrue: z.boolean().exactOptional().meta({ title: 'Pass at once where it holds already' }),
  })
  .meta({
    title: 'Wait for',
    description: 'Waits for the first of several happenings.',
    ui: { icon: 'hourglass' },
  });
