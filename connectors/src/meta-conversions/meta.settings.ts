/** Settings of a connection to Meta's Conversions API. */
import { z } from 'zod';
import { BaseUrl } from '../kit/base-url.js';

export const MetaConversionsSettings = z.object({
  datasetId: z
    .string()
    .regex(/^\d{1,30}$/, 'must be the number of the dataset (pixel)')
    .meta({ title: 'Dataset', description: 'Id of the dataset, formerly the pixel.' }),
  accessToken: z
    .string()
    .min(1)
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .meta({ title: 'Access token', description: 'That may send events to it.', secret: true }),
  testEventCode: z
    .string()
    .regex(/^[A-Za-z0-9]{1,40}$/, 'must be letters and digits')
    .optional()
    .meta({
      title: 'Test event code',
      description: 'Shows events under Test events; such events count for nothing.',
    }),
  apiVersion: z
    .string()
    .regex(/^v\d{1,3}\.\d{1,2}$/, 'must be like v25.0')
    .default('v25.0')
    .meta({ title: 'Version of the Graph API' }),
  baseUrl: BaseUrl,
});
export type MetaConversionsSettings = z.output<typeof MetaConversionsSettings>;
