/** A push message as every connector of the channel takes it. */
import { z } from 'zod';
import { optionalInput } from './inputs.js';

export const PushMessage = z.object({
  address: z.string().trim().min(1).max(512).meta({
    title: 'Address',
    description: 'What the provider calls the person or the device, as the connection says.',
  }),
  title: optionalInput(z.string().max(250)).meta({ title: 'Title' }),
  body: z.string().trim().min(1).max(2_000).meta({ title: 'Text' }),
  deeplink: optionalInput(
    z
      .string()
      .max(2_000)
      .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/, 'must be an address with a scheme'),
  ).meta({ title: 'Deep link', description: 'What a tap opens.' }),
  data: z
    .record(z.string().min(1).max(100), z.string().max(1_000))
    .optional()
    .meta({ title: 'Data', description: 'Handed to the app.' }),
});
export type PushMessage = z.infer<typeof PushMessage>;
