import { z } from 'zod';
import { COMPLETED } from '../outcome.js';
import { IdSchema } from '../parts.schema.js';

export const ExitStepSchema = z
  .strictObject({
    kind: z.literal('exit'),
    reason: IdSchema.default(COMPLETED).meta({ title: 'Reason' }),
  })
  .meta({ title: 'Exit', description: 'Ends the journey.', ui: { icon: 'flag' } });
