/** Sends one text message by one request. Twilio knows no key of ours: what may have gone out is never sent again. */
import { z } from 'zod';
import { urlOn } from '../kit/base-url.js';
import type { BuildContext } from '../kit/context.js';
import { ambiguous, resultOfFault, type DeliveryFault } from '../kit/faults.js';
import { faultOfUnrepeatable } from '../kit/gateway-fault.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import type { HttpPlan, HttpResponse } from '../kit/http-plan.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';
import { faultOfCode } from './twilio-codes.js';
import { TextInput, type TwilioSettings } from './twilio.settings.js';

const HOST = 'https://api.twilio.com';

export const sendSpec: HttpActionSpec<TwilioSettings, TextInput> = {
  title: 'Send a text message',
  input: TextInput,
  build: (items, ctx) => items.map(({ input }, index) => planOf(input, index, ctx)),
  read: (response, items, { nowMs, idempotency }) => {
    const reading = readMessage(response, nowMs);
    return items.map(() =>
      'fault' in reading
        ? resultOfFault(reading.fault, idempotency)
        : { status: 'delivered', providerId: reading.sid },
    );
  },
};

function planOf(
  { to, text }: TextInput,
  index: number,
  { settings }: BuildContext<TwilioSettings>,
): HttpPlan {
  const { from, messagingServiceSid, statusCallback } = settings;
  return {
    method: 'POST',
    url: accountUrl(settings, '/Messages.json'),
    headers: authorised(settings),
    body: {
      kind: 'form',
      fields: {
        To: to,
        ...(from === undefined ? {} : { From: from }),
        ...(messagingServiceSid === undefined ? {} : { MessagingServiceSid: messagingServiceSid }),
        Body: text,
        ...(statusCallback === undefined ? {} : { StatusCallback: statusCallback }),
      },
    },
    items: [index],
  };
}

export function accountUrl({ accountSid, baseUrl }: TwilioSettings, path: string): string {
  return urlOn(baseUrl ?? HOST, `/2010-04-01/Accounts/${accountSid}${path}`);
}

export function authorised({ accountSid, authToken }: TwilioSettings): Record<string, string> {
  const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
  return { authorization: `Basic ${credentials}`, accept: 'application/json' };
}

const Message = z.object({
  sid: z.string().min(1).max(100),
  error_code: z.number().nullish(),
});
const Refusal = z.object({ code: z.number() });

type Reading = { readonly sid: string } | { readonly fault: DeliveryFault };

function readMessage(response: HttpResponse, nowMs: number): Reading {
  const fault = faultOfTwilio(response, nowMs);
  if (fault !== undefined) return { fault };
  const message = jsonOf(response, Message);
  if (message === undefined) {
    const text = `${statusMessage(response, [])} without a message`;
    return { fault: ambiguous('response_unreadable', text) };
  }
  const { sid, error_code: code } = message;
  if (code === null || code === undefined) return { sid };
  const text = statusMessage(response, [code]);
  const refused: DeliveryFault = { class: 'invalidItem', code: 'item_rejected', message: text };
  return { fault: faultOfCode(code, text) ?? refused };
}

/** Undefined for 2xx. A code counts where a status speaks of the item or of rights; a throttle or an outage is what its status says. */
export function faultOfTwilio(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const fault = faultOfUnrepeatable(response, nowMs);
  if (fault === undefined) return undefined;
  const code = jsonOf(response, Refusal)?.code;
  if (fault.class !== 'invalidItem' && fault.class !== 'authInvalid') return fault;
  const message = statusMessage(response, [code]);
  if (code === 20429) return { class: 'rateLimited', code: 'rate_limited', message };
  const named = code === undefined ? undefined : faultOfCode(code, message);
  return named ?? { ...fault, message };
}
