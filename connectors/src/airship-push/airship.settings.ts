/** Settings of an Airship connection. */
import { z } from 'zod';
import { BaseUrl } from '../kit/base-url.js';

const DEVICE_TYPES = ['ios', 'android', 'amazon', 'web'] as const;

const Credential = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, underscores and dashes');

export const AirshipSettings = z.object({
  appKey: Credential.meta({ title: 'App key' }),
  masterSecret: Credential.meta({ title: 'Master secret', secret: true }),
  site: z.enum(['us', 'eu']).default('us').meta({
    title: 'Site',
    description: 'Where the project lives: North America or Europe.',
  }),
  addressedBy: z.enum(['named_user', 'channel']).default('named_user').meta({
    title: 'Addressed by',
    description: 'What an address is: a named user with all devices, or one device’s channel id.',
  }),
  deviceTypes: z
    .array(z.enum(DEVICE_TYPES))
    .min(1)
    .max(DEVICE_TYPES.length)
    .default(['ios', 'android'])
    .meta({ title: 'Device types', description: 'That a message may go to.' }),
  baseUrl: BaseUrl,
});
export type AirshipSettings = z.output<typeof AirshipSettings>;
