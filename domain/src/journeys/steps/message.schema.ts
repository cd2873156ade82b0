import { z } from 'zod';
import { KeySchema, StepIdSchema } from '../parts.schema.js';

const MOST_CONNECTIONS = 5;

const ChannelSchema = z.enum(['email', 'sms', 'push']).meta({ title: 'Channel' });
const ConnectionSchema = KeySchema.meta({ title: 'Connection', ui: { control: 'connection' } });
const TemplateSchema = KeySchema.meta({ title: 'Template', ui: { control: 'template' } });

const FallbackSchema = z
  .strictObject({
    channel: ChannelSchema,
    connection: ConnectionSchema,
    template: TemplateSchema,
  })
  .meta({
    title: 'Otherwise by',
    description:
      'where the person has no address, no consent or a suppressed address on the channel, or no connection could carry it',
  });

const CouponUseSchema = z
  .strictObject({ pool: KeySchema, whenEmpty: z.enum(['skip', 'fail']).exactOptional() })
  .meta({
    title: 'Gives away a code',
    description: '`{{ coupon }}` in the template; over that of the template',
  });

export const MessageStepSchema = z
  .strictObject({
    kind: z.literal('message'),
    channel: ChannelSchema,
    connection: ConnectionSchema.exactOptional(),
    connections: z.array(ConnectionSchema).min(1).max(MOST_CONNECTIONS).exactOptional().meta({
      title: 'Connections in turn',
      description:
        'the next is tried only where the one before it has certainly sent nothing; instead of connection',
    }),
    template: TemplateSchema,
    fallback: FallbackSchema.exactOptional(),
    class: KeySchema.exactOptional().meta({
      title: 'Class',
      description:
        'what frequency caps count it as; default marketing. transactional is under none',
    }),
    coupon: CouponUseSchema.exactOptional(),
    onCapped: z.enum(['skip', 'wait']).exactOptional().meta({ title: 'Over a frequency cap' }),
    next: StepIdSchema.meta({ title: 'Then' }),
    onError: StepIdSchema.exactOptional().meta({ title: 'When it failed' }),
    onUnknown: StepIdSchema.exactOptional().meta({
      title: 'When nobody knows whether it was sent',
    }),
  })
  .refine((step) => (step.connection === undefined) !== (step.connections === undefined), {
    path: ['connection'],
    message: 'needs either connection or connections',
  })
  .refine(({ connections = [] }) => new Set(connections).size === connections.length, {
    path: ['connections'],
    message: 'a connection is tried once',
  })
  .refine((step) => step.fallback?.channel !== step.channel, {
    path: ['fallback', 'channel'],
    message: 'must be another channel',
  })
  .meta({ title: 'Message', description: 'Sends a template to the person.', ui: { icon: 'mail' } });
