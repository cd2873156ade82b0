/** Settings of a webhook connection. */
import { z } from 'zod';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Set by the runtime or by the signature; a setting must not be able to contradict them. */
const OWN_HEADERS = new Set([
  'host',
  'content-length',
  'content-type',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'idempotency-key',
]);

/** `whsec_` and base64 of 24 to 64 bytes, as Standard Webhooks has it. */
export const SigningSecret = z.string().refine(isSigningSecret, {
  message: 'must be whsec_ followed by base64 of 24 to 64 bytes',
});

export const WebhookSettings = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .refine((text) => hasNoCredentials(text), { message: 'must not contain a user or password' })
    .meta({ title: 'URL', description: 'Where events are posted to; https.' }),
  secret: SigningSecret.meta({
    title: 'Signing secret',
    description: 'Receivers verify webhook-signature with it.',
    secret: true,
  }),
  previousSecret: SigningSecret.optional().meta({
    title: 'Previous signing secret',
    description: 'While receivers change over, requests are signed with both.',
    secret: true,
  }),
  headers: z
    .record(
      z.string().max(100).refine(isAllowedName, { message: 'is not a header that can be set' }),
      z
        .string()
        .max(2_000)
        .regex(/^[\t\x20-\x7e]*$/, 'must be printable ASCII on one line'),
    )
    .optional()
    .meta({ title: 'Further headers', description: 'Such as Authorization.', secret: true }),
});

export type WebhookSettings = z.infer<typeof WebhookSettings>;

function isSigningSecret(secret: string): boolean {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (encoded === undefined) return false;
  const length = Buffer.from(encoded, 'base64').length;
  return length >= 24 && length <= 64;
}

function hasNoCredentials(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

function isAllowedName(name: string): boolean {
  return TOKEN.test(name) && !OWN_HEADERS.has(name.toLowerCase());
}
