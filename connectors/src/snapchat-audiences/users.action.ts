/** Adds people to a customer list or takes them out. A request holds one kind of identifier, so a member may go out in three. */
import { z } from 'zod';
import { hashed, snapFields } from '../hashing/index.js';
import { AudienceMember } from '../kit/audience.js';
import {
  ambiguous,
  itemFault,
  resultOfFault,
  retryable,
  type DeliveryFault,
} from '../kit/faults.js';
import { groupPlaces } from '../kit/group-places.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import { faultOfResponse } from '../kit/http-fault.js';
import type { HttpPlan, HttpResponse } from '../kit/http-plan.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';
import type { DeliveryItem } from '../kit/results.js';
import { snapUrl, type SnapSettings } from './snap.settings.js';

type Spec = HttpActionSpec<SnapSettings, AudienceMember>;
type Item = DeliveryItem<AudienceMember>;
type Method = 'POST' | 'DELETE';

const SCHEMAS: readonly (readonly [
  schema: string,
  valueOf: (member: AudienceMember) => string | undefined,
])[] = [
  ['EMAIL_SHA256', ({ email }) => hashed(email, snapFields.email)],
  [
    'PHONE_SHA256',
    ({ phone, country }) => hashed(phone, (text) => snapFields.phone(text, country)),
  ],
  ['MOBILE_AD_ID_SHA256', ({ mobileAdId }) => hashed(mobileAdId, snapFields.mobileAdId)],
];

export function usersSpec(method: Method, title: string): Spec {
  return {
    title,
    input: AudienceMember,
    skip: ({ input }) =>
      SCHEMAS.some(([, valueOf]) => valueOf(input) !== undefined)
        ? undefined
        : { status: 'skipped', reason: 'no_address' },
    build: (items, { settings }) =>
      SCHEMAS.flatMap(([schema, valueOf]) => plansOf(method, { schema, items, valueOf }, settings)),
    read,
  };
}

interface Column {
  readonly schema: string;
  readonly items: readonly Item[];
  readonly valueOf: (member: AudienceMember) => string | undefined;
}

function plansOf(
  method: Method,
  { schema, items, valueOf }: Column,
  settings: SnapSettings,
): readonly HttpPlan[] {
  const values = items.map(({ input }) => valueOf(input));
  const audienceOf = ({ audienceId }: AudienceMember, value: string | undefined) =>
    value === undefined ? undefined : audienceId;
  const places = items.map(({ input }, place) => audienceOf(input, values[place]));
  return [...groupPlaces(places, (audienceId) => audienceId)].map(([audienceId, group]) => ({
    method,
    url: snapUrl(settings, `/v1/segments/${encodeURIComponent(audienceId)}/users`),
    headers: {},
    body: { kind: 'json', value: { users: [{ schema: [schema], data: rowsAt(values, group) }] } },
    items: group,
  }));
}

/** Two items may be one person to Snap; a value stands in a request once. */
function rowsAt(
  values: readonly (string | undefined)[],
  places: readonly number[],
): readonly (readonly string[])[] {
  return [...new Set(places.flatMap((place) => values[place] ?? []))].map((value) => [value]);
}

const Answer = z.object({
  request_status: z.string(),
  users: z.array(z.object({ sub_request_status: z.string() })).optional(),
});

const read: Spec['read'] = (response, items, ctx) => {
  const fault = faultOfSnap(response, ctx.nowMs);
  return items.map(() =>
    fault === undefined ? { status: 'delivered' } : resultOfFault(fault, ctx.idempotency),
  );
};

/** A 2xx may still hold the refusal of all that was in it. */
export function faultOfSnap(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const fault = faultOfResponse(response, nowMs);
  if (fault !== undefined) return fault;
  if (!response.complete) return ambiguous('response_unreadable', 'the answer was cut');
  const answer = jsonOf(response, Answer);
  if (answer === undefined) {
    return retryable('provider_unavailable', 'not an answer of this API');
  }
  const statuses = [
    answer.request_status,
    ...(answer.users ?? []).map((one) => one.sub_request_status),
  ];
  const refusal = statuses.find((status) => status.toUpperCase() !== 'SUCCESS');
  return refusal === undefined
    ? undefined
    : itemFault('item_rejected', statusMessage(response, [refusal]));
}
