import { z } from 'zod';
import { StepIdSchema, WaitDurationSchema } from '../parts.schema.js';

export const DelayStepSchema = z
  .strictObject({
    kind: z.literal('delay'),
    duration: WaitDurationSchema.meta({ title: 'How long' }),
    next: StepIdSchema.meta({ title: 'Then' }),
  })
  .meta({ title: 'Wait', description: 'Waits for a length of time.', ui: { icon: 'clock' } });
