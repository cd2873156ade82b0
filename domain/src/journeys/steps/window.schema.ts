import { z } from 'zod';
import { HoursSchema } from '../clock.schema.js';
import { StepIdSchema } from '../parts.schema.js';

export const WindowStepSchema = z
  .strictObject({
    kind: z.literal('window'),
    hours: HoursSchema.meta({ title: 'Within' }),
    next: StepIdSchema.meta({ title: 'Then' }),
    outside: StepIdSchema.exactOptional().meta({ title: 'Outside of them, instead of waiting' }),
  })
  .meta({
    title: 'Window',
    description: 'Goes on within hours of the person’s own clock.',
    ui: { icon: 'calendar' },
  });
