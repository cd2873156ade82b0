/** Klaviyo: profiles and events. */
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { getPlan, probe } from '../kit/probe.js';
import { eventSpec } from './event.action.js';
import { faultOfKlaviyo, klaviyoHeaders, klaviyoUrl } from './klaviyo-api.js';
import { KlaviyoSettings } from './klaviyo.settings.js';
import { profileSpec } from './profile.action.js';

export const klaviyo = defineConnector({
  key: 'klaviyo',
  name: 'Klaviyo',
  category: 'event',
  docsUrl: 'https://developers.klaviyo.com/en/v2026-04-15/reference/events_api_overview',
  auth: 'apiKey',
  idempotency: 'key',
  limits: {
    maxItems: 50,
    maxBytes: 1024 * 1024,
    concurrency: 8,
    timeoutMs: 20_000,
    // Klaviyo allows 3,500 a minute, to all who use the account.
    requestsPerSecond: 50,
  },
  settings: KlaviyoSettings,
  actions: { profile: httpAction(profileSpec), event: httpAction(eventSpec) },
  check: (settings, ctx) =>
    probe(
      getPlan(klaviyoUrl(settings, '/api/accounts'), klaviyoHeaders(settings)),
      ctx,
      faultOfKlaviyo,
    ),
});
