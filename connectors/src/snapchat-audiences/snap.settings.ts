/** Settings of a connection to Snapchat's customer lists. */
import { z } from 'zod';
import type { RefreshGrant } from '../kit/access-token.js';
import { BaseUrl, urlOn } from '../kit/base-url.js';

export const SnapSettings = z.object({
  clientId: z.string().min(1).max(300).meta({ title: 'OAuth client id' }),
  clientSecret: z.string().min(1).max(300).meta({ title: 'OAuth client secret', secret: true }),
  refreshToken: z.string().min(1).max(2_000).meta({
    title: 'Refresh token',
    description: 'Granted for snapchat-marketing-api.',
    secret: true,
  }),
  baseUrl: BaseUrl,
});
export type SnapSettings = z.infer<typeof SnapSettings>;

const HOST = 'https://adsapi.snapchat.com';
const LOGIN_HOST = 'https://accounts.snapchat.com';

export function snapUrl({ baseUrl }: SnapSettings, path: string): string {
  return urlOn(baseUrl ?? HOST, path);
}

export function snapGrant(settings: SnapSettings): RefreshGrant {
  const { clientId, clientSecret, refreshToken, baseUrl } = settings;
  const tokenUrl = urlOn(baseUrl ?? LOGIN_HOST, '/login/oauth2/access_token');
  return { tokenUrl, clientId, clientSecret, refreshToken };
}
