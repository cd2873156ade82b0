/** Settings of a connection to Google's Data Manager. */
import { z } from 'zod';
import type { RefreshGrant } from '../kit/access-token.js';
import { BaseUrl, urlOn } from '../kit/base-url.js';

const AccountId = z
  .string()
  .trim()
  .regex(/^[\d-]{1,20}$/, 'must be the digits of an account')
  .transform((text) => text.replace(/-/g, ''));

export const GoogleSettings = z.object({
  clientId: z.string().min(1).max(300).meta({ title: 'OAuth client id' }),
  clientSecret: z.string().min(1).max(300).meta({ title: 'OAuth client secret', secret: true }),
  refreshToken: z.string().min(1).max(1_000).meta({
    title: 'Refresh token',
    description: 'Granted for https://www.googleapis.com/auth/datamanager.',
    secret: true,
  }),
  accountType: z
    .enum(['GOOGLE_ADS', 'DISPLAY_VIDEO_ADVERTISER', 'DISPLAY_VIDEO_PARTNER'])
    .default('GOOGLE_ADS')
    .meta({ title: 'Product of the account' }),
  accountId: AccountId.meta({
    title: 'Operating account',
    description: 'The account that has the audience.',
  }),
  loginAccountId: AccountId.optional().meta({
    title: 'Login account',
    description: 'The manager account through which the operating account is reached, if so.',
  }),
  customerMatchTerms: z.literal('accepted').meta({
    title: 'Customer Match terms of service',
    description: '`accepted`, when they have been accepted for the account.',
  }),
  baseUrl: BaseUrl,
});
export type GoogleSettings = z.output<typeof GoogleSettings>;

export function googleGrant(settings: GoogleSettings): RefreshGrant {
  const { clientId, clientSecret, refreshToken, baseUrl } = settings;
  const tokenUrl = urlOn(baseUrl ?? 'https://oauth2.googleapis.com', '/token');
  return { tokenUrl, clientId, clientSecret, refreshToken };
}
