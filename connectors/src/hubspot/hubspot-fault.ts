/** What HubSpot's refusals of a whole request mean. */
import { z } from 'zod';
import type { RateLimit } from '../kit/define-connector.js';
import { retryable, type DeliveryFault } from '../kit/faults.js';
import { faultOfResponse } from '../kit/http-fault.js';
import type { HttpResponse } from '../kit/http-plan.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';
import { parseRetryAfter } from '../kit/retry-after.js';

/** Too much at once for this account; HubSpot asks for a pause of at least two seconds. */
const LOCKED = 423;
const LOCKED_PAUSE_MS = 2_000;
/** The account is being moved to another data centre, which may take a day. */
const MIGRATING = 477;

const Refusal = z.object({
  category: z.string().optional(),
  policyName: z.string().optional(),
});

/** How long each limit takes to let somebody in again; the answer itself often does not say. */
const PAUSE_OF_POLICY = new Map([
  ['SECONDLY', 1_000],
  ['TEN_SECONDLY_ROLLING', 10_000],
  ['DAILY', 3_600_000],
]);

export function faultOfHubspot(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const { status, headers } = response;
  const refusal = jsonOf(response, Refusal);
  const message = statusMessage(response, [refusal?.category]);
  if (status === LOCKED) return rateLimited(message, LOCKED_PAUSE_MS);
  if (status === MIGRATING) {
    const afterMs = parseRetryAfter(headers['retry-after'], nowMs);
    return afterMs === undefined
      ? retryable('provider_unavailable', message)
      : rateLimited(message, afterMs);
  }
  const fault = faultOfResponse(response, nowMs);
  if (fault?.class !== 'rateLimited')
    return fault === undefined ? undefined : { ...fault, message };
  const afterMs = fault.afterMs ?? PAUSE_OF_POLICY.get(refusal?.policyName ?? '');
  return afterMs === undefined ? { ...fault, message } : rateLimited(message, afterMs);
}

export function hubspotRateLimit(response: HttpResponse, nowMs: number): RateLimit | undefined {
  const fault = faultOfHubspot(response, nowMs);
  if (fault?.class !== 'rateLimited') return undefined;
  return fault.afterMs === undefined ? {} : { afterMs: fault.afterMs };
}

function rateLimited(message: string, afterMs: number): DeliveryFault {
  return { class: 'rateLimited', code: 'rate_limited', message, afterMs };
}
