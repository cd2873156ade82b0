/** Ingests members into an audience or removes them; Google checks the request at once and works it off later. */
import { z } from 'zod';
import { AudienceMember } from '../kit/audience.js';
import { urlOn } from '../kit/base-url.js';
import { ambiguous, resultOfFault, retryable, type DeliveryFault } from '../kit/faults.js';
import { groupPlaces } from '../kit/group-places.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import type { HttpPlan, HttpResponse } from '../kit/http-plan.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';
import type { DeliveryItem, ItemResult } from '../kit/results.js';
import { blamedMembers, faultOfGoogle } from './google-fault.js';
import type { GoogleSettings } from './google.settings.js';
import { googleConsent, googleMember } from './member.js';

type Spec = HttpActionSpec<GoogleSettings, AudienceMember>;
type Item = DeliveryItem<AudienceMember>;
type Call = 'ingest' | 'remove';

const HOST = 'https://datamanager.googleapis.com';

export function membersSpec(call: Call, title: string): Spec {
  return {
    title,
    input: AudienceMember,
    skip: ({ input }) =>
      googleMember(input) === undefined ? { status: 'skipped', reason: 'no_address' } : undefined,
    build: (items, { settings }) =>
      [...groupPlaces(items, requestOf).values()].flatMap((places) =>
        planOf(call, { items, places }, settings),
      ),
    read,
  };
}

/** One audience and one kind of member in a request: members of another kind than the list's would sink the others. */
function requestOf({ input }: Item): string | undefined {
  const kind = googleMember(input)?.kind;
  return kind === undefined ? undefined : `${kind} ${input.audienceId}`;
}

interface Page {
  readonly items: readonly Item[];
  readonly places: readonly number[];
}

function planOf(
  call: Call,
  { items, places }: Page,
  settings: GoogleSettings,
): readonly HttpPlan[] {
  const inputs = places.flatMap((place) => items[place]?.input ?? []);
  const [first] = inputs;
  if (first === undefined) return [];
  const body = {
    destinations: [destinationOf(first.audienceId, settings)],
    audienceMembers: inputs.map((input) => memberOf(call, input)),
    encoding: 'HEX',
    ...(call === 'ingest'
      ? { termsOfService: { customerMatchTermsOfServiceStatus: 'ACCEPTED' } }
      : {}),
  };
  return [
    {
      method: 'POST',
      url: urlOn(settings.baseUrl ?? HOST, `/v1/audienceMembers:${call}`),
      headers: {},
      body: { kind: 'json', value: body },
      items: places,
    },
  ];
}

function memberOf(call: Call, input: AudienceMember): Readonly<Record<string, unknown>> {
  const member = googleMember(input);
  return {
    ...(member === undefined ? {} : { [member.kind]: member.value }),
    ...(call === 'ingest' ? { consent: googleConsent(input) } : {}),
  };
}

function destinationOf(
  productDestinationId: string,
  { accountType, accountId, loginAccountId }: GoogleSettings,
): Readonly<Record<string, unknown>> {
  return {
    operatingAccount: { accountType, accountId },
    ...(loginAccountId === undefined
      ? {}
      : { loginAccount: { accountType: 'GOOGLE_ADS', accountId: loginAccountId } }),
    productDestinationId,
  };
}

const Taken = z.object({ requestId: z.string() });

const read: Spec['read'] = (response, items, ctx) => {
  const fault = faultOfGoogle(response, ctx.nowMs);
  if (fault?.class === 'invalidItem') return blame(fault, response, items);
  if (fault !== undefined) return items.map(() => resultOfFault(fault, ctx.idempotency));
  const taken = jsonOf(response, Taken);
  if (taken !== undefined) {
    return items.map(() => ({ status: 'delivered', providerId: taken.requestId }));
  }
  const unreadable = response.complete
    ? retryable('provider_unavailable', 'not an answer of this API')
    : ambiguous('response_unreadable', 'the answer was cut');
  return items.map(() => resultOfFault(unreadable, ctx.idempotency));
};

/** Nothing of a refused request was done: who is named fails, the others can go again without them. */
function blame(
  fault: DeliveryFault,
  response: HttpResponse,
  items: readonly Item[],
): readonly ItemResult[] {
  const blamed = blamedMembers(response);
  return items.map((_item, place) => {
    if (blamed.size > 0 && !blamed.has(place)) {
      return { status: 'retry', code: 'temporarily_refused' };
    }
    const message = statusMessage(response, [blamed.get(place)]);
    return resultOfFault(blamed.size === 0 ? fault : { ...fault, message }, 'key');
  });
}
