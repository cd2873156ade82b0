/** What the audience of an ad platform is told about one member, the same for every platform; each takes from it what it can match by. */
import { z } from 'zod';

const Field = z.string().max(500).optional();

export const AudienceMember = z.object({
  audienceId: z
    .string()
    .min(1)
    .max(200)
    .meta({ title: 'Audience', description: 'Id of the audience at the platform.' }),
  email: Field.meta({ title: 'E-mail' }),
  phone: Field.meta({
    title: 'Phone',
    description: 'With country code, or a number of the country given below.',
  }),
  firstName: Field.meta({ title: 'First name' }),
  lastName: Field.meta({ title: 'Last name' }),
  gender: Field.meta({ title: 'Gender' }),
  birthDate: Field.meta({ title: 'Date of birth', description: 'YYYY-MM-DD' }),
  city: Field.meta({ title: 'City' }),
  state: Field.meta({ title: 'State or region' }),
  postalCode: Field.meta({ title: 'Postal code' }),
  country: Field.meta({ title: 'Country', description: 'Code of two letters, or English name.' }),
  mobileAdId: Field.meta({ title: 'Mobile advertising id' }),
  externalId: Field.meta({ title: 'Own id of the person' }),
  consent: z
    .enum(['granted', 'unknown'])
    .optional()
    .meta({ title: 'Consent', description: 'Whoever has refused is not a member.' }),
});
export type AudienceMember = z.infer<typeof AudienceMember>;

/** The two actions that make a segment a list at the platform; both take AudienceMember, and repeating either changes nothing. */
export interface AudienceCapability {
  readonly add: string;
  readonly remove: string;
  /** Whether the whole list can be put in one go. */
  readonly full?: boolean;
}
