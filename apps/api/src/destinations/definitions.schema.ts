import { z } from 'zod';

/**
 * Templates and connections as they are put. What a connection's settings may be is its connector's to say; what a template
 * may hold is the template checker's.
 */
export const TemplateDefinitionSchema = z.strictObject({
  key: z.string(),
  name: z.string().min(1).max(200),
  channel: z.literal('email').default('email'),
  subject: z.string().max(998),
  html: z.string().max(262_144).optional(),
  text: z.string().max(262_144).optional(),
  missing: z
    .enum(['default', 'skip', 'fail'])
    .default('default')
    .describe('what to do when the person lacks a value that the template names'),
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
