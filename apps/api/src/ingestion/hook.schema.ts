import { z } from 'zod';
import { KEY_PATTERN } from '../common/params.js';

const header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,60}$/)
  .transform((name) => name.toLowerCase());
const secret = z.string().min(16).max(500);

/** Most senders: a hash of the body, or of time and body, in a header. */
const Hmac = {
  scheme: z.literal('hmac'),
  mapping: z.string().regex(KEY_PATTERN).describe('key of a published mapping'),
  header: header.describe('where the signature stands'),
  algorithm: z.enum(['sha256', 'sha512']).default('sha256'),
  encoding: z.enum(['hex', 'base64']).default('hex'),
  prefix: z.string().max(40).default('').describe('before the signature, as sha256='),
  timestampHeader: header
    .optional()
    .describe('epoch seconds; what is signed is then <time>.<body>, and an old call is refused'),
  toleranceSeconds: z.int().min(1).max(86_400).default(300),
  idHeader: header.optional().describe('names the call; default: a hash of the body'),
};
const Shopify = { scheme: z.literal('shopify') };

/** As it is put: with its secret. */
export const HookSchema = z.discriminatedUnion('scheme', [
  z.strictObject({ ...Hmac, secret: secret.optional() }),
  z.strictObject({ ...Shopify, secret: secret.optional() }),
]);

/** As it is kept and shown. */
export const HookSettingsSchema = z.discriminatedUnion('scheme', [
  z.strictObject(Hmac),
  z.strictObject(Shopify),
]);
export type HookSettings = z.output<typeof HookSettingsSchema>;

export const HookView = z.object({
  source: z.string(),
  url: z.url().describe('what the sender calls'),
  settings: HookSettingsSchema,
});
