/** Outgoing webhooks in the manner of Standard Webhooks. */
import { defineConnector, type CheckResult } from '../kit/define-connector.js';
import type { RunContext } from '../kit/context.js';
import { configFault, retryable } from '../kit/faults.js';
import { httpAction } from '../kit/http-action.js';
import { postSpec, type PostInput } from './post.action.js';
import { WebhookSettings } from './webhook.settings.js';

export { isStandardWebhook } from './verify.js';

export const webhook = defineConnector({
  key: 'webhook',
  name: 'Webhook',
  category: 'webhook',
  docsUrl: 'https://www.standardwebhooks.com',
  auth: 'signature',
  idempotency: 'key',
  idempotencyHeader: 'idempotency-key',
  limits: { maxItems: 50, maxBytes: 256 * 1024, concurrency: 8, timeoutMs: 15_000 },
  settings: WebhookSettings,
  actions: { post: httpAction(postSpec) },
  erase: {
    action: 'post',
    input: ({ customerIds, at }): PostInput => ({
      event: 'customer.erased',
      body: { customerIds: [...customerIds] },
      occurredAt: new Date(at).toISOString(),
    }),
  },
  check,
});

/** A receiver has no call that changes nothing, so only the address is looked at: may it be called, does its name resolve? */
async function check({ url }: WebhookSettings, ctx: RunContext): Promise<CheckResult> {
  const verdict = ctx.egress.checkUrl(ctx.baseUrlOverride ?? url);
  if (!verdict.allowed) return refused(verdict.reason);
  try {
    const resolved = await ctx.egress.resolveChecked(verdict.url.hostname);
    return resolved.allowed ? { ok: true } : refused(resolved.reason);
  } catch {
    return { ok: false, fault: retryable('dns_failure', 'the name does not resolve') };
  }
}

function refused(reason: string): CheckResult {
  return { ok: false, fault: configFault('address_refused', `address refused: ${reason}`) };
}
