/** Settings of a HubSpot connection. */
import { z } from 'zod';
import { BaseUrl } from '../kit/base-url.js';

/** Names of properties as HubSpot has them inside, not as its screens show them. */
export const PropertyName = z
  .string()
  .max(100)
  .regex(/^[a-z][a-z0-9_]*$/, 'must be the internal name: lower case, digits and underscores');

export const HubspotSettings = z.object({
  accessToken: z
    .string()
    .min(1)
    .max(500)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .meta({
      title: 'Access token',
      description: 'Of a private app that may read and write contacts.',
      secret: true,
    }),
  idProperty: PropertyName.default('email').meta({
    title: 'Identifying property',
    description: 'The property whose values are unique and by which contacts are found.',
  }),
  baseUrl: BaseUrl,
});
export type HubspotSettings = z.infer<typeof HubspotSettings>;
