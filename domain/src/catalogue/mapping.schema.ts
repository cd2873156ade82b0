import { z } from 'zod';
import { isZone } from '../shared/index.js';
import { KeySchema, TargetPathSchema, text } from './attribute.schema.js';
import { COUNTRIES } from './country-codes.js';
import {
  NORMALISERS,
  TIME_FORMATS,
  type Cast,
  type Mapping,
  type MappingField,
  type Normaliser,
  type PickedField,
  type SimpleCast,
  type Source,
} from './types.js';

/** The one shape of mappings. What only the catalogue can tell is asked by checkMapping. */
const MAPPING_LIMITS = { fields: 500, casts: 10, words: 1_000, picked: 100 } as const;

const PathSchema = text(500);
const ScalarSchema = z.union([z.string().max(1_000), z.number(), z.boolean()]);
const ZoneSchema = z.string().refine(isZone, 'no zone of the IANA database');
const CountrySchema = z
  .string()
  .refine((code) => COUNTRIES.has(code), 'two capital letters of ISO 3166');
const FormatSchema = z.enum(TIME_FORMATS);
const DecimalSchema = z.enum(['point', 'comma']);

const SourceSchema: z.ZodType<Source> = z.union([
  z.strictObject({ path: PathSchema }),
  z.strictObject({ firstOf: z.array(PathSchema).min(1).max(10) }),
  z.strictObject({ constant: ScalarSchema }),
  z.strictObject({ template: text(1_000) }),
]);

const WordsSchema = z
  .record(z.string().max(255), ScalarSchema.nullable())
  .refine(
    (words) => Object.keys(words).length <= MAPPING_LIMITS.words,
    `at most ${MAPPING_LIMITS.words} words`,
  );

const simpleCasts = [
  z.strictObject({ cast: z.literal('text') }),
  z.strictObject({ cast: z.literal('number'), decimal: DecimalSchema.exactOptional() }),
  z.strictObject({ cast: z.literal('integer'), decimal: DecimalSchema.exactOptional() }),
  z.strictObject({ cast: z.literal('boolean') }),
  z.strictObject({
    cast: z.literal('date'),
    format: FormatSchema.exactOptional(),
    zone: ZoneSchema.exactOptional(),
  }),
  z.strictObject({
    cast: z.literal('time'),
    format: FormatSchema.exactOptional(),
    zone: ZoneSchema.exactOptional(),
  }),
  z.strictObject({ cast: z.literal('json') }),
  z.strictObject({ cast: z.literal('list'), separator: text(10).exactOptional() }),
  z.strictObject({
    cast: z.literal('part'),
    separator: text(10),
    index: z.int().min(-100).max(100),
  }),
  z.strictObject({ cast: z.literal('words'), words: WordsSchema }),
] as const;

const SimpleCastSchema: z.ZodType<SimpleCast> = z.discriminatedUnion('cast', simpleCasts);

const PickedFieldSchema: z.ZodType<PickedField> = z.strictObject({
  path: PathSchema,
  casts: z.array(SimpleCastSchema).max(MAPPING_LIMITS.casts).exactOptional(),
});

const CastSchema: z.ZodType<Cast> = z.discriminatedUnion('cast', [
  ...simpleCasts,
  z.strictObject({
    cast: z.literal('items'),
    pick: z
      .record(TargetPathSchema, PickedFieldSchema)
      .refine(
        (picked) => Object.keys(picked).length <= MAPPING_LIMITS.picked,
        `at most ${MAPPING_LIMITS.picked} fields`,
      ),
  }),
]);

const NormaliserSchema: z.ZodType<Normaliser> = z.union([
  z.enum(NORMALISERS),
  z.strictObject({ rule: z.literal('phone'), country: CountrySchema }),
]);

const MappingFieldSchema: z.ZodType<MappingField> = z.strictObject({
  to: KeySchema,
  from: SourceSchema,
  casts: z.array(CastSchema).max(MAPPING_LIMITS.casts).exactOptional(),
  normalise: z.array(NormaliserSchema).max(MAPPING_LIMITS.casts).exactOptional(),
  level: z.enum(['allow', 'warn', 'omit', 'quarantine']).exactOptional(),
  default: ScalarSchema.exactOptional(),
  saidAt: PathSchema.exactOptional(),
});

export const MappingSchema: z.ZodType<Mapping> = z.strictObject({
  key: KeySchema,
  name: text(200).exactOptional(),
  target: z.enum(['customers', 'events', 'orders']),
  each: PathSchema.exactOptional(),
  country: CountrySchema.exactOptional(),
  zone: ZoneSchema.exactOptional(),
  fields: z.array(MappingFieldSchema).min(1).max(MAPPING_LIMITS.fields),
});
