import { z } from 'zod';
import { KeySchema, StepIdSchema } from '../parts.schema.js';

export const MessageStepSchema = z
  .strictObject({
    kind: z.literal('message'),
    channel: z.literal('email').meta({ title: 'Channel' }),
    connection: KeySchema.meta({ title: 'Connection', ui: { control: 'connection' } }),
    template: KeySchema.meta({ title: 'Template', ui: { control: 'template' } }),
    next: StepIdSchema.meta({ title: 'Then' }),
    onError: StepIdSchema.exactOptional().meta({ title: 'When it failed' }),
    onUnknown: StepIdSchema.exactOptional().meta({
      title: 'When nobody knows whether it was sent',
    }),
  })
  .meta({ title: 'Message', description: 'Sends a template to the person.', ui: { icon: 'mail' } });
