/** Push messages over Airship. */
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { probe } from '../kit/probe.js';
import { airshipPost, readAirship } from './airship-api.js';
import { AirshipSettings } from './airship.settings.js';
import { pushOf, sendSpec } from './send.action.js';

export const airshipPush = defineConnector({
  key: 'airship-push',
  name: 'Push (Airship)',
  category: 'message',
  channel: 'push',
  docsUrl: 'https://docs.airship.com/api/ua/',
  auth: 'basic',
  idempotency: 'none',
  limits: { maxItems: 50, maxBytes: 256 * 1024, concurrency: 8, timeoutMs: 15_000 },
  settings: AirshipSettings,
  actions: { send: httpAction(sendSpec) },
  // Airship looks a message over without sending it.
  check: (settings, ctx) => {
    const value = pushOf({ address: 'settings-check', body: 'Settings check' }, settings);
    const plan = airshipPost(settings, '/api/push/validate', { value, items: [] });
    return probe(plan, ctx, (response, nowMs) => {
      const reading = readAirship(response, nowMs);
      // Whoever may have a message looked over has the right keys, whatever is wrong with this one.
      return reading.ok || reading.fault.class === 'invalidItem' ? undefined : reading.fault;
    });
  },
});
