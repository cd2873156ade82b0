/** Meta: people in and out of customer-file custom audiences. */
import { urlOn } from '../kit/base-url.js';
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { getPlan, probe } from '../kit/probe.js';
import { faultOfGraph, graphRateLimit } from '../meta-graph/graph-fault.js';
import { GRAPH_HOST } from '../meta-graph/graph.settings.js';
import { MetaAudienceSettings } from './meta.settings.js';
import { usersSpec } from './users.action.js';

export const metaCustomAudiences = defineConnector({
  key: 'meta-custom-audiences',
  name: 'Meta Custom Audiences',
  category: 'audience',
  docsUrl: 'https://developers.facebook.com/docs/marketing-api/reference/custom-audience/users',
  auth: 'apiKey',
  // A person added or removed once more is the same list: a repeat is harmless without a key.
  idempotency: 'key',
  limits: { maxItems: 10_000, maxBytes: 8 * 1024 * 1024, concurrency: 2, timeoutMs: 60_000 },
  rateLimitOf: graphRateLimit,
  settings: MetaAudienceSettings,
  actions: {
    add: httpAction(usersSpec('POST', 'Add people to a custom audience')),
    remove: httpAction(usersSpec('DELETE', 'Take people out of a custom audience')),
  },
  audience: { add: 'add', remove: 'remove' },
  check: (settings, ctx) => {
    const url = urlOn(settings.baseUrl ?? GRAPH_HOST, `/${settings.apiVersion}/me?fields=id`);
    const headers = { authorization: `Bearer ${settings.accessToken}` };
    return probe(getPlan(url, headers), ctx, faultOfGraph);
  },
});
