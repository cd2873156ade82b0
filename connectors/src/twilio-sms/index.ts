/** Text messages over Twilio. */
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { getPlan, probe } from '../kit/probe.js';
import { accountUrl, authorised, faultOfTwilio, sendSpec } from './send.action.js';
import { TwilioSettings } from './twilio.settings.js';

export { isTwilioSignature, twilioReceipt, type FormField } from './receipt.js';

export const twilioSms = defineConnector({
  key: 'twilio-sms',
  name: 'Text messages (Twilio)',
  category: 'message',
  channel: 'sms',
  docsUrl: 'https://www.twilio.com/docs/messaging/api/message-resource',
  auth: 'basic',
  idempotency: 'none',
  limits: { maxItems: 50, maxBytes: 64 * 1024, concurrency: 8, timeoutMs: 15_000 },
  settings: TwilioSettings,
  actions: { send: httpAction(sendSpec) },
  // Reading the account changes nothing and needs the same rights.
  check: (settings, ctx) =>
    probe(getPlan(accountUrl(settings, '.json'), authorised(settings)), ctx, faultOfTwilio),
});
