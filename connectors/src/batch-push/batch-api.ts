/** How Batch is spoken to, and what its answers mean. */
import { z } from 'zod';
import { urlOn } from '../kit/base-url.js';
import { ambiguous, itemFault, type DeliveryFault } from '../kit/faults.js';
import { faultOfUnrepeatable } from '../kit/gateway-fault.js';
import type { HttpResponse } from '../kit/http-plan.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';
import type { BatchSettings } from './batch.settings.js';

const HOST = 'https://api.batch.com';

/** The key of the app stands in the path, the key of the company in a header. */
export function batchUrl({ apiKey, baseUrl }: BatchSettings, path: string): string {
  return urlOn(baseUrl ?? HOST, `/1.1/${encodeURIComponent(apiKey)}${path}`);
}

export function batchHeaders({ restApiKey }: BatchSettings): Record<string, string> {
  return { 'x-authorization': restApiKey };
}

const Refusal = z.object({ code: z.number() });
const Accepted = z.object({ token: z.string().min(1) });

/** Of any answer: the status, and the number that Batch gives the error. */
export function faultOfBatch(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const fault = faultOfUnrepeatable(response, nowMs);
  const message = statusMessage(response, [jsonOf(response, Refusal)?.code]);
  return fault === undefined ? undefined : { ...fault, message };
}

type BatchReading =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly fault: DeliveryFault };

/** Of a message that was sent: only a token says that Batch took it. */
export function readBatch(response: HttpResponse, nowMs: number): BatchReading {
  const fault = faultOfBatch(response, nowMs);
  if (fault !== undefined) return { ok: false, fault };
  const refusal = jsonOf(response, Refusal);
  if (refusal !== undefined) {
    const message = statusMessage(response, [refusal.code]);
    return { ok: false, fault: itemFault('item_rejected', message) };
  }
  const accepted = jsonOf(response, Accepted);
  return accepted === undefined
    ? {
        ok: false,
        fault: ambiguous('response_unreadable', `HTTP ${response.status} without token`),
      }
    : { ok: true, token: accepted.token };
}
