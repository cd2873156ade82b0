/** How Airship is spoken to, and what its answers mean. */
import { z } from 'zod';
import { urlOn } from '../kit/base-url.js';
import { ambiguous, itemFault, type DeliveryFault } from '../kit/faults.js';
import { faultOfUnrepeatable } from '../kit/gateway-fault.js';
import type { HttpPlan, HttpResponse } from '../kit/http-plan.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';
import type { AirshipSettings } from './airship.settings.js';

const HOSTS = { us: 'https://go.urbanairship.com', eu: 'https://go.airship.eu' } as const;
/** Without a version in it every call is refused. */
const ACCEPT = 'application/vnd.urbanairship+json; version=3';

export function airshipPost(
  settings: AirshipSettings,
  path: string,
  { value, items }: { readonly value: unknown; readonly items: readonly number[] },
): HttpPlan {
  const { appKey, masterSecret, site, baseUrl } = settings;
  const credentials = Buffer.from(`${appKey}:${masterSecret}`).toString('base64');
  return {
    method: 'POST',
    url: urlOn(baseUrl ?? HOSTS[site], path),
    headers: { authorization: `Basic ${credentials}`, accept: ACCEPT },
    body: { kind: 'json', value },
    items,
  };
}

const Answer = z.object({
  ok: z.boolean(),
  error_code: z.number().optional(),
  details: z.object({ path: z.string().optional() }).optional(),
  push_ids: z.array(z.string()).optional(),
});

type AirshipReading =
  | { readonly ok: true; readonly pushId: string | undefined }
  | { readonly ok: false; readonly fault: DeliveryFault };

export function readAirship(response: HttpResponse, nowMs: number): AirshipReading {
  const answer = jsonOf(response, Answer);
  const fault = faultOfUnrepeatable(response, nowMs);
  const path = answer?.details?.path;
  const message = statusMessage(response, [answer?.error_code, path]);
  if (fault?.class === 'invalidItem') {
    return { ok: false, fault: isAddress(path) ? deadAddress(message) : { ...fault, message } };
  }
  if (fault !== undefined) return { ok: false, fault };
  if (answer === undefined) {
    return { ok: false, fault: ambiguous('response_unreadable', `${message} without an answer`) };
  }
  // Airship says in the body whether the request was taken, whatever the status.
  if (!answer.ok) return { ok: false, fault: itemFault('item_rejected', message) };
  return { ok: true, pushId: answer.push_ids?.[0] };
}

/** The place in the request that Airship could not make sense of. */
function isAddress(path: string | undefined): boolean {
  return path === 'audience.channel' || path === 'audience.named_user';
}

function deadAddress(message: string): DeliveryFault {
  return { class: 'invalidItem', code: 'hard_bounce', message, permanentAddress: true };
}
