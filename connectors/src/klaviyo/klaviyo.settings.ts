/** Settings of a Klaviyo connection, and the person that both of its actions are about. */
import { z } from 'zod';
import { BaseUrl } from '../kit/base-url.js';
import { filled, isFilled, optionalInput, type OptionalInput } from '../kit/inputs.js';

export const KlaviyoSettings = z.object({
  apiKey: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .meta({
      title: 'Private API key',
      description: 'With the scopes accounts:read, profiles:write and events:write.',
      secret: true,
    }),
  baseUrl: BaseUrl,
});
export type KlaviyoSettings = z.infer<typeof KlaviyoSettings>;

/** Klaviyo refuses every other form; a national number is not completed here, since a guess would be another person. */
const E164 = /^\+[1-9]\d{6,14}$/;

export function optionalText(title: string, maxLength = 255): OptionalInput<z.ZodString> {
  return optionalInput(z.string().min(1).max(maxLength)).meta({ title });
}

export const PersonFields = {
  email: optionalInput(z.email().max(255)).meta({ title: 'E-mail' }),
  phone: optionalInput(z.string().regex(E164, 'must be E.164, such as +4915112345678')).meta({
    title: 'Phone',
    description: 'In E.164.',
  }),
  externalId: optionalText('External ID').meta({
    description: 'What the person is called in your systems.',
  }),
};
type Person = z.infer<z.ZodObject<typeof PersonFields>>;

export const NEEDS_IDENTIFIER = { message: 'needs an e-mail, a phone or an external id' };

export function isIdentified({ email, phone, externalId }: Person): boolean {
  return [email, phone, externalId].some(isFilled);
}

export function identifiersOf({ email, phone, externalId }: Person): Record<string, unknown> {
  return filled({ email, phone_number: phone, external_id: externalId });
}
