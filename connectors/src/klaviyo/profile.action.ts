/** Creates or updates one profile. Sending it again writes the same values, so a repeat is harmless. */
import { z } from 'zod';
import { ambiguous, resultOfFault } from '../kit/faults.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import { filled } from '../kit/inputs.js';
import { jsonOf } from '../kit/read-json.js';
import { faultOfKlaviyo, klaviyoPost } from './klaviyo-api.js';
import {
  identifiersOf,
  isIdentified,
  NEEDS_IDENTIFIER,
  optionalText,
  PersonFields,
  type KlaviyoSettings,
} from './klaviyo.settings.js';

export const ProfileInput = z
  .object({
    ...PersonFields,
    firstName: optionalText('First name'),
    lastName: optionalText('Last name'),
    organization: optionalText('Organisation'),
    locale: optionalText('Locale', 35),
    city: optionalText('City'),
    region: optionalText('Region'),
    country: optionalText('Country'),
    zip: optionalText('Postal code', 20),
    timezone: optionalText('Time zone', 64),
    properties: z.record(z.string().min(1), z.json()).optional().meta({ title: 'Properties' }),
  })
  .refine(isIdentified, NEEDS_IDENTIFIER);
export type ProfileInput = z.infer<typeof ProfileInput>;

const Answer = z.object({ data: z.object({ id: z.string() }) });

export const profileSpec: HttpActionSpec<KlaviyoSettings, ProfileInput> = {
  title: 'Create or update a profile',
  input: ProfileInput,
  build: (items, { settings }) =>
    items.map(({ input }, index) => {
      const data = { type: 'profile', attributes: attributesOf(input) };
      return klaviyoPost(settings, '/api/profile-import', { data, index });
    }),
  read: (response, items, { nowMs, idempotency }) => {
    const answer = jsonOf(response, Answer);
    const fault =
      faultOfKlaviyo(response, nowMs) ??
      (answer === undefined
        ? ambiguous('response_unreadable', `HTTP ${response.status} without a profile`)
        : undefined);
    if (fault !== undefined) return items.map(() => resultOfFault(fault, idempotency));
    return items.map(() => ({
      status: 'delivered',
      ...(answer === undefined ? {} : { providerId: answer.data.id }),
    }));
  },
};

function attributesOf(input: ProfileInput): Record<string, unknown> {
  const { firstName, lastName, organization, locale, properties } = input;
  const { city, region, country, zip, timezone } = input;
  return {
    ...identifiersOf(input),
    ...filled({
      first_name: firstName,
      last_name: lastName,
      organization,
      locale,
      location: filled({ city, region, country, zip, timezone }),
      properties,
    }),
  };
}
