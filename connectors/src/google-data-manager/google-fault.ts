/** What Data Manager's refusals mean. It takes a request whole or not at all, and says which members are to blame. */
import { z } from 'zod';
import type { RateLimit } from '../kit/define-connector.js';
import { configFault, itemFault, type DeliveryFault } from '../kit/faults.js';
import { faultOfResponse } from '../kit/http-fault.js';
import type { HttpResponse } from '../kit/http-plan.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';

const Violation = z.object({ field: z.string(), reason: z.string().optional() });
const GoogleError = z.object({
  error: z.object({
    status: z.string().optional(),
    details: z
      .array(
        z.looseObject({
          retryDelay: z.string().optional(),
          fieldViolations: z.array(Violation).optional(),
        }),
      )
      .optional(),
  }),
});

const LONGEST_WAIT_MS = 3_600_000;

/** `"retryDelay": "12s"` in the details of a 429 or 503. */
export function googleRateLimit(response: HttpResponse): RateLimit | undefined {
  if (response.status !== 429 && response.status !== 503) return undefined;
  const delays = detailsOf(response).flatMap(({ retryDelay }) => secondsIn(retryDelay) ?? []);
  if (delays.length === 0) return undefined;
  const afterMs = Math.min(LONGEST_WAIT_MS, Math.max(1_000, ...delays.map((s) => s * 1_000)));
  return { afterMs };
}

export function faultOfGoogle(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const fault = faultOfResponse(response, nowMs);
  if (fault?.class !== 'invalidItem') return fault;
  const violations = violationsIn(response);
  const [first] = violations;
  const status = jsonOf(response, GoogleError)?.error.status;
  const message = statusMessage(response, [status, first?.reason]);
  // The audience or the account is at fault, whoever is sent to it.
  return violations.some(({ field }) => /^destinations/i.test(field))
    ? configFault('audience_unusable', message)
    : itemFault('item_rejected', message);
}

/** Members by their places in the request, each with the reason; empty when nobody is named. */
export function blamedMembers(response: HttpResponse): ReadonlyMap<number, string | undefined> {
  const blamed = new Map<number, string | undefined>();
  for (const { field, reason } of violationsIn(response)) {
    const place = /audience_?members\[(\d+)\]/i.exec(field)?.[1];
    if (place !== undefined) blamed.set(Number(place), reason);
  }
  return blamed;
}

function violationsIn(response: HttpResponse): readonly z.infer<typeof Violation>[] {
  return detailsOf(response).flatMap(({ fieldViolations }) => fieldViolations ?? []);
}

function detailsOf(
  response: HttpResponse,
): NonNullable<z.infer<typeof GoogleError>['error']['details']> {
  return jsonOf(response, GoogleError)?.error.details ?? [];
}

function secondsIn(text: string | undefined): number | undefined {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(text ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
