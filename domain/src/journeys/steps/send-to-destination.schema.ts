import { z } from 'zod';
import { JsonObjectSchema, KeySchema, StepIdSchema, textSchema } from '../parts.schema.js';

export const SendToDestinationStepSchema = z
  .strictObject({
    kind: z.literal('sendToDestination'),
    connection: KeySchema.meta({ title: 'Connection', ui: { control: 'connection' } }),
    action: textSchema(64).meta({ title: 'Action', ui: { control: 'action' } }),
    input: JsonObjectSchema.meta({ title: 'Input' }),
    consent: z
      .union([z.literal('none'), z.strictObject({ channel: KeySchema.meta({ title: 'Channel' }) })])
      .exactOptional()
      .meta({
        title: 'Consent',
        description:
          'in a journey with a purpose: the channel whose consent is asked for, e-mail unless another is named; none: nothing of the person is handed on',
      }),
    next: StepIdSchema.meta({ title: 'Then' }),
    onError: StepIdSchema.exactOptional().meta({ title: 'When it failed' }),
    onUnknown: StepIdSchema.exactOptional().meta({ title: 'When nobody knows whether it arrived' }),
  })
  .meta({
    title: 'Send',
    description: 'Carries out an action of a connection.',
    ui: { icon: 'send' },
  });
