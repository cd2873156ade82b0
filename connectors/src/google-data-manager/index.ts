/** Google Customer Match through the Data Manager API. */
import { accessToken } from '../kit/access-token.js';
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { googleRateLimit } from './google-fault.js';
import { googleGrant, GoogleSettings } from './google.settings.js';
import { membersSpec } from './members.action.js';

export const googleDataManager = defineConnector({
  key: 'google-data-manager',
  name: 'Google Customer Match',
  category: 'audience',
  docsUrl: 'https://developers.google.com/data-manager/api/reference/rest/v1/audienceMembers',
  auth: 'oauth2',
  // A person added or removed once more is the same list: a repeat is harmless without a key.
  idempotency: 'key',
  limits: {
    maxItems: 10_000,
    maxBytes: 8 * 1024 * 1024,
    concurrency: 2,
    timeoutMs: 60_000,
    requestsPerSecond: 5,
  },
  rateLimitOf: googleRateLimit,
  settings: GoogleSettings,
  grant: googleGrant,
  actions: {
    add: httpAction(membersSpec('ingest', 'Add people to a customer list')),
    remove: httpAction(membersSpec('remove', 'Take people out of a customer list')),
  },
  audience: { add: 'add', remove: 'remove' },
  // The API has nothing that could be read: whether Google gives out a token is what can be learned without changing a list.
  check: async (settings, ctx) => {
    const renewal = await accessToken(googleGrant(settings), ctx);
    return renewal.ok ? { ok: true } : renewal;
  },
});
