/** Messages to a team's own channel in Slack. */
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { probe } from '../kit/probe.js';
import { faultOfSlack, postSpec, slackPost } from './post.action.js';
import { SlackSettings } from './slack.settings.js';

export const slack = defineConnector({
  key: 'slack',
  name: 'Slack',
  category: 'webhook',
  docsUrl: 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks',
  auth: 'apiKey',
  idempotency: 'none',
  // Slack asks for one message a second to a webhook.
  limits: {
    maxItems: 20,
    maxBytes: 256 * 1024,
    concurrency: 1,
    timeoutMs: 15_000,
    requestsPerSecond: 1,
  },
  settings: SlackSettings,
  actions: { post: httpAction(postSpec) },
  // A post without a text is refused before it is posted, and by the refusal the webhook is known to be alive.
  check: (settings, ctx) =>
    probe(slackPost(settings, {}, []), ctx, (response, nowMs) => {
      const fault = faultOfSlack(response, nowMs);
      return fault?.class === 'invalidItem' ? undefined : fault;
    }),
});
