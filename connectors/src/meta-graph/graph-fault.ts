/** What the refusals of Meta's Graph API mean; its codes say more than the statuses under which they come. */
import { z } from 'zod';
import type { RateLimit } from '../kit/define-connector.js';
import { configFault, itemFault, retryable, type DeliveryFault } from '../kit/faults.js';
import { faultOfResponse } from '../kit/http-fault.js';
import type { HttpResponse } from '../kit/http-plan.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';

const GraphError = z.object({
  error: z.object({
    code: z.number(),
    error_subcode: z.number().optional(),
    is_transient: z.boolean().optional(),
  }),
});
type GraphError = z.infer<typeof GraphError>['error'];

/** Of the app, the user, the page, the account's custom rate, and the use cases of businesses. */
const THROTTLES = new Set([4, 17, 32, 613]);
const FIRST_BUSINESS_THROTTLE = 80_000;
const LAST_BUSINESS_THROTTLE = 80_014;
const TOKEN_REFUSED = new Set([102, 190]);
/** Deleted; not there or not ours; blocked until its restrictions are resolved. */
const AUDIENCE_UNUSABLE = new Set([1_487_366, 33, 1_713_230]);
const PASSING = new Set([1, 2]);

const DEFAULT_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;

export function graphRateLimit(response: HttpResponse): RateLimit | undefined {
  const error = errorIn(response);
  if (error === undefined || !isThrottle(error.code)) return undefined;
  return { afterMs: waitIn(response.headers['x-business-use-case-usage']) ?? DEFAULT_WAIT_MS };
}

export function faultOfGraph(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const error = errorIn(response);
  if (error !== undefined) return faultOfError(error, response, nowMs);
  // A page of HTML is not Meta's answer but that of something before it.
  if (isHtml(response)) return retryable('provider_unavailable', statusMessage(response, ['html']));
  return faultOfResponse(response, nowMs);
}

function faultOfError(error: GraphError, response: HttpResponse, nowMs: number): DeliveryFault {
  const { code, error_subcode: subcode, is_transient: transient } = error;
  const message = statusMessage(response, [code, subcode]);
  const limit = graphRateLimit(response);
  if (limit !== undefined) {
    return { class: 'rateLimited', code: 'rate_limited', message, ...limit };
  }
  if (subcode !== undefined && AUDIENCE_UNUSABLE.has(subcode)) {
    return configFault('audience_unusable', message);
  }
  // 10 and 200 to 299 are permissions that the token does not have.
  if (TOKEN_REFUSED.has(code) || code === 10 || (code >= 200 && code < 300)) {
    return { class: 'authInvalid', code: 'auth_invalid', message };
  }
  if (transient === true || PASSING.has(code)) return retryable('provider_unavailable', message);
  const fault = faultOfResponse(response, nowMs);
  return fault === undefined || fault.class === 'invalidItem'
    ? itemFault('item_rejected', message)
    : fault;
}

function errorIn(response: HttpResponse): GraphError | undefined {
  return jsonOf(response, GraphError)?.error;
}

function isThrottle(code: number): boolean {
  const business = code >= FIRST_BUSINESS_THROTTLE && code <= LAST_BUSINESS_THROTTLE;
  return business || THROTTLES.has(code);
}

function isHtml({ status, body }: HttpResponse): boolean {
  const possible = status < 300 || status === 400 || status >= 500;
  return possible && body.trimStart().startsWith('<');
}

const Usage = z.record(
  z.string(),
  z.array(z.object({ estimated_time_to_regain_access: z.number().optional() })),
);

/** The header tells the minutes for each business and use case; the longest counts. */
function waitIn(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const usage = jsonOf({ status: 200, headers: {}, body: header, complete: true }, Usage) ?? {};
  const minutes = Object.values(usage)
    .flat()
    .map((use) => use.estimated_time_to_regain_access ?? 0);
  const ms = Math.max(0, ...minutes) * 60_000;
  return ms === 0 ? undefined : Math.min(ms, LONGEST_WAIT_MS);
}
