/** Snapchat: people in and out of customer lists. */
import { accessToken } from '../kit/access-token.js';
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { getPlan, probe } from '../kit/probe.js';
import { snapGrant, SnapSettings, snapUrl } from './snap.settings.js';
import { faultOfSnap, usersSpec } from './users.action.js';

export const snapchatAudiences = defineConnector({
  key: 'snapchat-audiences',
  name: 'Snapchat Customer Lists',
  category: 'audience',
  docsUrl: 'https://developers.snap.com/api/marketing-api/Ads-API/customer-lists',
  auth: 'oauth2',
  // A person added or removed once more is the same list: a repeat is harmless without a key.
  idempotency: 'key',
  limits: {
    maxItems: 10_000,
    maxBytes: 8 * 1024 * 1024,
    concurrency: 2,
    timeoutMs: 60_000,
    requestsPerSecond: 10,
  },
  settings: SnapSettings,
  grant: snapGrant,
  actions: {
    add: httpAction(usersSpec('POST', 'Add people to a customer list')),
    remove: httpAction(usersSpec('DELETE', 'Take people out of a customer list')),
  },
  audience: { add: 'add', remove: 'remove' },
  check: async (settings, ctx) => {
    const renewal = await accessToken(snapGrant(settings), ctx);
    if (!renewal.ok) return renewal;
    const headers = { authorization: `Bearer ${renewal.token.token}` };
    return probe(getPlan(snapUrl(settings, '/v1/me'), headers), ctx, faultOfSnap);
  },
});
