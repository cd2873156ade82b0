import { z } from 'zod';
import { isWellFormedText } from '../shared/index.js';
import type { Attribute, AttributeRole, Catalogue } from './types.js';

/** The one shape of attributes: the API, files and stored versions are parsed by it. */
export const text = (max: number) =>
  z.string().min(1).max(max).refine(isWellFormedText, 'holds a NUL or half a character');

export const KeySchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    'lower case letters, digits, - and _, at most 63 characters',
  );

const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/** Where a value goes inside of an event; dots make objects. Not a way into the runtime's own. */
export const TargetPathSchema = text(255)
  .refine((path) => path.split('.').every((part) => part !== ''), 'an empty part between dots')
  .refine((path) => !path.split('.').some((part) => RESERVED.has(part)), 'this name is reserved')
  .refine((path) => path.split('.').length <= 5, 'at most five levels');

const IdentifierTypeSchema = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$/, 'letters, digits, _, . and -, at most 64 characters');

/** In the form in which consents are compared. */
const ConsentNameSchema = text(64).refine(
  (name) => name === name.trim().toLowerCase(),
  'lower case, without blanks around it',
);

const RoleSchema: z.ZodType<AttributeRole> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('identifier'), identifier: IdentifierTypeSchema }),
  z.strictObject({ kind: z.literal('trait'), trait: TargetPathSchema }),
  z.strictObject({ kind: z.literal('property'), property: TargetPathSchema }),
  z.strictObject({ kind: z.literal('product'), property: TargetPathSchema }),
  z.strictObject({ kind: z.literal('eventName') }),
  z.strictObject({ kind: z.literal('eventTime') }),
  z.strictObject({ kind: z.literal('messageId') }),
  z.strictObject({
    kind: z.literal('consent'),
    purpose: ConsentNameSchema,
    channel: ConsentNameSchema,
  }),
]);

const ATTRIBUTE_TYPES = [
  ...(['text', 'number', 'integer', 'boolean', 'date', 'time'] as const),
  ...(['email', 'phone', 'country', 'money', 'list'] as const),
] as const;

export const AttributeSchema: z.ZodType<Attribute> = z
  .strictObject({
    key: KeySchema,
    label: text(200),
    type: z.enum(ATTRIBUTE_TYPES),
    role: RoleSchema,
    sensitivity: z.enum(['none', 'personal', 'special']),
    description: text(1_000).exactOptional(),
  })
  .refine(({ type, role }) => role.kind !== 'identifier' || IDENTIFYING.has(type), {
    path: ['type'],
    message: 'an identifier is text, an e-mail or a phone number',
  });

const IDENTIFYING: ReadonlySet<string> = new Set(['text', 'email', 'phone']);

export const CatalogueSchema: z.ZodType<Catalogue> = z
  .array(AttributeSchema)
  .max(2_000)
  .refine(
    (attributes) => new Set(attributes.map(({ key }) => key)).size === attributes.length,
    'two attributes with one key',
  );
