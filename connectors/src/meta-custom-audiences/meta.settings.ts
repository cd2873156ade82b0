/** Settings of a connection to Meta's custom audiences. */
import { z } from 'zod';
import { BaseUrl } from '../kit/base-url.js';

export const MetaAudienceSettings = z.object({
  accessToken: z
    .string()
    .min(1)
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .meta({
      title: 'Access token',
      description: 'Of a system user with ads_management for the ad account.',
      secret: true,
    }),
  apiVersion: z
    .string()
    .regex(/^v\d{1,3}\.\d{1,2}$/, 'must be like v25.0')
    .default('v25.0')
    .meta({ title: 'Version of the Graph API' }),
  baseUrl: BaseUrl,
});
export type MetaAudienceSettings = z.infer<typeof MetaAudienceSettings>;
