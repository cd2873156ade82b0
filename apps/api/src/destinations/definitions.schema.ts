import { z } from 'zod';

/**
 * Templates and connections as they are put. What a connection's settings may be is its connector's to say; what a template
 * may hold is the template checker's.
 */
const TemplateShape = z.strictObject({
  key: z.string(),
  name: z.string().min(1).max(200),
  channel: z.enum(['email', 'sms', 'push']).default('email'),
  subject: z
    .string()
    .max(998)
    .default('')
    .describe('of a mail; of a push message its title, which may be empty'),
  deeplink: z.string().max(2_000).optional().describe('of a push message: what a tap opens'),
  html: z.string().max(262_144).optional(),
  mjml: z
    .string()
    .max(262_144)
    .optional()
    .describe('instead of html, which is made of it when the template is put'),
  text: z.string().max(262_144).optional(),
  utm: z
    .strictObject({
      source: z.string().min(1).max(100),
      medium: z.string().min(1).max(100).default('email'),
      campaign: z.string().min(1).max(100).optional().describe('default: the key of the journey'),
    })
    .optional()
    .describe('campaign parameters on every link that has none of its own'),
  coupon: z
    .strictObject({
      pool: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/),
      whenEmpty: z.enum(['skip', 'fail']).default('skip'),
    })
    .optional()
    .describe('`{{ coupon }}` is a code of this pool, another one for every message'),
  missing: z
    .enum(['default', 'skip', 'fail'])
    .default('default')
    .describe('what to do when the person lacks a value that the template names'),
});
/** What only one channel has. */
const FOREIGN = {
  email: ['deeplink'],
  sms: ['subject', 'html', 'mjml', 'deeplink'],
  push: ['html', 'mjml'],
} as const;

export const TemplateDefinitionSchema = TemplateShape.check(({ value, issues }) => {
  for (const field of FOREIGN[value.channel]) {
    if ((value[field] ?? '') === '') continue;
    const message = `a template for ${value.channel} has none`;
    issues.push({ code: 'custom', path: [field], message, input: value });
  }
  if (value.channel === 'email' || (value.text ?? '').trim() !== '') return;
  issues.push({ code: 'custom', path: ['text'], message: 'is what is sent', input: value });
});
export type TemplateDefinition = z.infer<typeof TemplateDefinitionSchema>;

export const ConnectionDefinitionSchema = z.strictObject({
  key: z.string(),
  name: z.string().min(1).max(200),
  connector: z.string().min(1).max(63).describe('key of a destination type'),
  settings: z
    .record(z.string(), z.unknown())
    .describe(
      'by the settings schema of the destination type; a secret given as ******** stays as it is',
    ),
});
export type ConnectionDefinition = z.infer<typeof ConnectionDefinitionSchema>;

/** As it is stored: secret settings are sealed elsewhere, only their names stay. */
export const StoredConnectionSchema = ConnectionDefinitionSchema.extend({
  secrets: z.array(z.string()),
});
export type StoredConnection = z.infer<typeof StoredConnectionSchema>;
