/** Inputs come out of templates, where what a person lacks is an empty text: it counts as not given and is never sent. */
import { z } from 'zod';

export type OptionalInput<Schema extends z.ZodType> = z.ZodOptional<
  z.ZodUnion<readonly [Schema, z.ZodLiteral<''>]>
>;

/** A field that may be absent or empty. */
export function optionalInput<Schema extends z.ZodType>(schema: Schema): OptionalInput<Schema> {
  return z.union([schema, z.literal('')]).optional();
}

export function isFilled(value: unknown): boolean {
  if (value === undefined || value === '') return false;
  return !isPlainObject(value) || Object.keys(value).length > 0;
}

/** The fields that say something: nothing absent, no empty text, no empty object. */
export function filled(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isFilled(value)));
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
