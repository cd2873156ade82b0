/** HubSpot: contacts. */
import { aloneAfterRefusal } from '../kit/alone.js';
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { getPlan, probe } from '../kit/probe.js';
import { contactsSpec, hubspotHeaders, hubspotUrl } from './contacts.action.js';
import { faultOfHubspot, hubspotRateLimit } from './hubspot-fault.js';
import { HubspotSettings } from './hubspot.settings.js';

export const hubspot = defineConnector({
  key: 'hubspot',
  name: 'HubSpot',
  category: 'event',
  docsUrl:
    'https://developers.hubspot.com/docs/api-reference/legacy/crm/objects/contacts/batch/upsert-contacts',
  auth: 'apiKey',
  idempotency: 'key',
  limits: {
    maxItems: 100,
    maxBytes: 1024 * 1024,
    concurrency: 4,
    timeoutMs: 30_000,
    requestsPerSecond: 10,
  },
  // Some of HubSpot's ways of slowing down come without 429 or without Retry-After.
  rateLimitOf: hubspotRateLimit,
  settings: HubspotSettings,
  actions: { contact: aloneAfterRefusal(httpAction(contactsSpec)) },
  check: (settings, ctx) =>
    probe(
      getPlan(hubspotUrl(settings, '/crm/v3/objects/contacts?limit=1'), hubspotHeaders(settings)),
      ctx,
      faultOfHubspot,
    ),
});
