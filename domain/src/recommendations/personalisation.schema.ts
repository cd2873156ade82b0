/** What a page may be told about its visitor: nothing that its source does not list. */
import { z } from 'zod';

const Names = z.array(z.string().min(1).max(200)).max(50).default([]);

/** scheme://host[:port], as browsers send it: no path, no wildcard. */
const Origin = z
  .string()
  .max(300)
  .regex(
    /^https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/,
    'an origin: https://shop.example',
  );

export const PersonalisationSchema = z.strictObject({
  origins: z.array(Origin).max(50).default([]).describe('sites that may ask'),
  purpose: z.string().min(1).max(100).default('personalisation'),
  channel: z.string().min(1).max(100).default('web'),
  traits: Names.describe('traits that may be told'),
  predictions: Names.describe('traits written by predictions that may be told'),
  segments: Names.describe('segments whose membership may be told'),
  recommendations: z.int().min(0).max(20).default(0).describe('how many; 0: none'),
  trustUserId: z
    .boolean()
    .default(false)
    .describe(
      'answer by userId alone. Only where ids cannot be guessed: else an id needs the anonymousId of the same person beside it',
    ),
});

export type Personalisation = z.infer<typeof PersonalisationSchema>;
