/** What a status means when the vendor says nothing more precise. `read` of a connector comes first: a 2xx is not success by itself. */
import { configFault, itemFault, retryable, type DeliveryFault } from './faults.js';
import type { HttpResponse } from './http-plan.js';
import { parseRetryAfter } from './retry-after.js';

/** Undefined for 2xx only. Messages hold the status and nothing of the body, which may name people. */
export function faultOfResponse(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const { status } = response;
  const message = `HTTP ${status}`;
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) return configFault('redirect_refused', message);
  if (status === 401 || status === 403) {
    return { class: 'authInvalid', code: 'auth_invalid', message };
  }
  if (status === 404) return configFault('endpoint_not_found', message);
  if (status === 410) return { class: 'gone', code: 'endpoint_gone', message };
  const throttled = throttleOf(response, nowMs);
  if (throttled !== undefined) return throttled;
  if (isTryLater(status)) return retryable('provider_unavailable', message);
  return itemFault('item_rejected', message);
}

function throttleOf(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const afterMs = parseRetryAfter(response.headers['retry-after'], nowMs);
  const { status } = response;
  if (status !== 429 && !(status === 503 && afterMs !== undefined)) return undefined;
  return {
    class: 'rateLimited',
    code: 'rate_limited',
    message: `HTTP ${status}`,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

/** 501 says that the call will never be understood; every other 5xx may pass. */
function isTryLater(status: number): boolean {
  return status === 408 || status === 425 || (status >= 500 && status !== 501);
}
