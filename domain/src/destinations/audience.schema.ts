/** An audience: a segment that is mirrored to a list of people at a destination, as an operator writes it down. */
import { z } from 'zod';
import { AUDIENCE_FIELDS, AUDIENCE_MODES, type AudienceDefinition } from './audience-types.js';

const key = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/);

const SourceSchema = z.union([
  z.strictObject({ identifier: z.string().min(1).max(100) }),
  z.strictObject({
    trait: z
      .string()
      .min(1)
      .max(200)
      .describe('a trait, or a part of one by its path: address.city'),
  }),
]);

export const AudienceSchema: z.ZodType<AudienceDefinition> = z
  .strictObject({
    key,
    name: z.string().max(200).exactOptional(),
    segment: key.describe('key of a live segment'),
    connection: key.describe('of a destination that keeps audiences; never changes once published'),
    audienceId: z.string().min(1).max(200).describe('id of the audience at the destination'),
    mode: z
      .enum(AUDIENCE_MODES)
      .default('mirror')
      .describe(
        'mirror: the audience is the segment. additive: who leaves the segment stays. subtractive: nobody is put in, who leaves the segment is taken out.',
      ),
    purpose: z.string().min(1).max(100).describe('whoever has not granted it is not told of'),
    consentChannel: z.string().min(1).max(64).default('ads'),
    fields: z
      .partialRecord(z.enum(AUDIENCE_FIELDS), SourceSchema)
      .refine(hasOneToMatchBy, 'email, phone, mobileAdId or externalId: one of them at least')
      .describe('what is told of a person, and where it is taken from'),
    schedule: z
      .union([z.literal('live'), z.strictObject({ everyMinutes: z.int().min(1).max(10_080) })])
      .default('live'),
  })
  .meta({ title: 'Audience' });

function hasOneToMatchBy(fields: object): boolean {
  return ['email', 'phone', 'mobileAdId', 'externalId'].some((name) => Object.hasOwn(fields, name));
}
