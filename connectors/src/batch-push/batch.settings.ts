/** Settings of a Batch connection: one app on one platform, since Batch keeps a key for each. */
import { z } from 'zod';
import { BaseUrl } from '../kit/base-url.js';

const Key = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, underscores and dashes');

export const BatchSettings = z.object({
  restApiKey: Key.meta({ title: 'REST API key', description: 'Of the company.', secret: true }),
  apiKey: Key.meta({
    title: 'API key',
    description: 'Of the app on one platform, live or dev.',
  }),
  addressedBy: z.enum(['custom_id', 'token', 'install_id']).default('custom_id').meta({
    title: 'Addressed by',
    description: 'What an address is: your own id of a person, a device token, an installation.',
  }),
  groupId: Key.max(255)
    .default('throughline')
    .meta({ title: 'Group', description: 'Under which Batch counts these messages.' }),
  baseUrl: BaseUrl,
});
export type BatchSettings = z.output<typeof BatchSettings>;
