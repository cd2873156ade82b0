/** Posts one event to a receiver, signed as Standard Webhooks describes; the receiver tells repeats apart by `webhook-id`. */
import type { Json } from '@throughline/domain/shared';
import { z } from 'zod';
import type { BuildContext } from '../kit/context.js';
import type { ConnectorRules } from '../kit/define-connector.js';
import { resultOfFault } from '../kit/faults.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import { faultOfResponse } from '../kit/http-fault.js';
import type { HttpPlan, HttpResponse } from '../kit/http-plan.js';
import type { DeliveryItem, ItemResult } from '../kit/results.js';
import { safeKey } from '../kit/safe-key.js';
import { signatureHeader } from './sign.js';
import type { WebhookSettings } from './webhook.settings.js';

const CAPTURE_BYTES = 5_000;

export const PostInput = z.object({
  event: z.string().min(1).max(255).meta({
    title: 'Event',
    description: 'Becomes `type` of the message, such as cart.abandoned.',
  }),
  body: z
    .record(z.string(), z.json())
    .meta({ title: 'Body', description: 'Becomes `data` of the message.' }),
  occurredAt: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ title: 'Occurred at', description: 'When it happened; now, if not given.' }),
});
export type PostInput = z.infer<typeof PostInput>;

export const postSpec: HttpActionSpec<WebhookSettings, PostInput> = {
  title: 'Post an event',
  input: PostInput,
  build: (items, ctx) => items.map((item, index) => planOf(item, index, ctx)),
  read: (response, items, ctx) => items.map(() => resultOf(response, ctx)),
};

function planOf(
  { key, input }: DeliveryItem<PostInput>,
  index: number,
  { settings, nowMs }: BuildContext<WebhookSettings>,
): HttpPlan {
  // The signed string separates its parts by dots, so the id must hold none.
  const id = safeKey(key, ':');
  const timestampSeconds = Math.floor(nowMs / 1_000);
  const payload = JSON.stringify({
    type: input.event,
    timestamp: input.occurredAt ?? new Date(nowMs).toISOString(),
    data: input.body,
  });
  const secrets = [settings.secret, settings.previousSecret].filter((one) => one !== undefined);
  return {
    method: 'POST',
    url: settings.url,
    headers: {
      ...lowerCased(settings.headers ?? {}),
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signatureHeader({ id, timestampSeconds, payload }, secrets),
    },
    body: { kind: 'text', text: payload, contentType: 'application/json' },
    items: [index],
  };
}

/** Header names differ in case only on paper; two spellings of one would both be sent. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function resultOf(
  response: HttpResponse,
  ctx: BuildContext<WebhookSettings> & Pick<ConnectorRules, 'idempotency'>,
): ItemResult {
  const fault = faultOfResponse(response, ctx.nowMs);
  if (fault !== undefined) return resultOfFault(fault, ctx.idempotency);
  const captured = capture(response);
  // The status alone is the receiver's answer; a body that cannot be read takes nothing from it.
  return captured === undefined
    ? { status: 'delivered' }
    : { status: 'delivered', response: captured };
}

/** The reply as JSON, when it is whole, small and really JSON. */
function capture({ body, complete }: HttpResponse): Json | undefined {
  if (!complete || body === '' || Buffer.byteLength(body) > CAPTURE_BYTES) return undefined;
  try {
    const parsed = z.json().safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
