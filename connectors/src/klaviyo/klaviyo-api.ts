/** How Klaviyo is spoken to, and what its refusals mean. */
import { z } from 'zod';
import { urlOn } from '../kit/base-url.js';
import { itemFault, type DeliveryFault } from '../kit/faults.js';
import { faultOfResponse } from '../kit/http-fault.js';
import type { HttpPlan, HttpResponse } from '../kit/http-plan.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';
import type { KlaviyoSettings } from './klaviyo.settings.js';

/** Of the API; what a revision answers does not change under us. */
const REVISION = '2026-04-15';
const HOST = 'https://a.klaviyo.com';
const JSON_API = 'application/vnd.api+json';

export function klaviyoUrl({ baseUrl }: KlaviyoSettings, path: string): string {
  return urlOn(baseUrl ?? HOST, path);
}

export function klaviyoHeaders({ apiKey }: KlaviyoSettings): Record<string, string> {
  return { authorization: `Klaviyo-API-Key ${apiKey}`, revision: REVISION, accept: JSON_API };
}

export function klaviyoPost(
  settings: KlaviyoSettings,
  path: string,
  { data, index }: { readonly data: unknown; readonly index: number },
): HttpPlan {
  return {
    method: 'POST',
    url: klaviyoUrl(settings, path),
    headers: { ...klaviyoHeaders(settings), 'content-type': JSON_API },
    body: { kind: 'json', value: { data } },
    items: [index],
  };
}

const Errors = z.object({
  errors: z.array(
    z.object({
      code: z.string().optional(),
      source: z.object({ pointer: z.string().optional() }).optional(),
    }),
  ),
});

export function faultOfKlaviyo(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const fault = faultOfResponse(response, nowMs);
  if (fault?.class !== 'invalidItem') return fault;
  // The detail may quote what was sent, so only the code and the place of the error are kept.
  const [first] = jsonOf(response, Errors)?.errors ?? [];
  return itemFault(fault.code, statusMessage(response, [first?.code, first?.source?.pointer]));
}
