import { z } from 'zod';
import { KeySchema, StepIdSchema } from '../parts.schema.js';

export const MessageStepSchema = z
  .strictObject({
    kind: z.literal('message'),
    channel: z.literal('email').meta({ title: 'Channel' }),
    connection: KeySchema.meta({ title: 'Connection', ui: { control: 'connection' } }),
    template: KeySchema.meta({ title: 'Template', ui: { control: 'template' } }),
    class: KeySchema.exactOptional().meta({
      title: 'Class',
      description:
        'what frequency caps count it as; default marketing. transactional is under none',
    }),
    onCapped: z.enum(['skip', 'wait']).exactOptional().meta({ title: 'Over a frequency cap' }),
    next: StepIdSchema.meta({ title: 'Then' }),
    onError: StepIdSchema.exactOptional().meta({ title: 'When it failed' }),
    onUnknown: StepIdSchema.exactOptional().meta({
      title: 'When nobody knows whether it was sent',
    }),
  })
  .meta({ title: 'Message', description: 'Sends a template to the person.', ui: { icon: 'mail' } });
