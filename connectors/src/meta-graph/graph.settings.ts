/** What every connection to Meta's Graph API is set up with. */
import { z } from 'zod';
import { BaseUrl } from '../kit/base-url.js';

export const GRAPH_HOST = 'https://graph.facebook.com';

/** `description`: what the token has to be allowed to do. */
export function graphAccessToken(description: string) {
  return z
    .string()
    .min(1)
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .meta({ title: 'Access token', description, secret: true });
}

export const graphEndpoint = {
  apiVersion: z
    .string()
    .regex(/^v\d{1,3}\.\d{1,2}$/, 'must be like v25.0')
    .default('v25.0')
    .meta({ title: 'Version of the Graph API' }),
  baseUrl: BaseUrl,
} as const;
