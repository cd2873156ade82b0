import { z } from 'zod';
import { checkJourney, type JourneyDefinition } from '@throughline/domain/journeys';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import type { Condition } from '@throughline/domain/segments';
import { SegmentDefinitionSchema } from '@throughline/domain/segments/schemas';
import { assertNever, faultsOf, type Fault } from '@throughline/domain/shared';
import type { FileFault } from '../outcome.js';
import { KINDS, type DefinitionFile, type Folder, type Kind } from './read-folder.js';

/** Enough of a shape to be told apart offline; the server knows the rest (settings of a connector, Liquid). */
const Template = z.looseObject({
  key: z.string(),
  name: z.string().min(1),
  subject: z.string().min(1),
});
const Connection = z.looseObject({
  key: z.string(),
  name: z.string().min(1),
  connector: z.string().min(1),
  settings: z.record(z.string(), z.unknown()),
});

/**
 * Everything that can be said without a server: the same schemas and the same linter as the API's. What a folder names must
 * stand in it: a folder is a whole. Of the kinds that are `elsewhere` it may name what it does not hold.
 */
export function checkFolder(
  { definitions, faults }: Folder,
  elsewhere: readonly Kind[] = [],
): FileFault[] {
  const keysOf = (kind: Kind): ReadonlySet<string> =>
    new Set(definitions.filter((one) => one.kind === kind).map(({ key }) => key));
  const known = Object.fromEntries(
    KINDS.filter((kind) => !elsewhere.includes(kind)).map((kind) => [kind, keysOf(kind)]),
  );
  return [
    ...faults,
    ...definitions.flatMap((definition) =>
      checkOne(definition, known).map((fault) => ({
        severity: 'error' as const,
        ...fault,
        file: definition.file,
      })),
    ),
  ];
}

type Known = Parameters<typeof checkJourney>[1];
type Found = Fault & { readonly severity?: 'error' | 'warning' };

function checkOne({ kind, body }: DefinitionFile, known: Known): readonly Found[] {
  switch (kind) {
    case 'journeys': {
      const parsed = JourneyDefinitionSchema.safeParse(body);
      if (!parsed.success) return faultsOf(parsed.error);
      const journey: JourneyDefinition = parsed.data;
      return checkJourney(journey, known);
    }
    case 'segments': {
      const parsed = SegmentDefinitionSchema.safeParse(body);
      return parsed.success
        ? unknownSegments(parsed.data.condition, known?.segments)
        : faultsOf(parsed.error);
    }
    case 'templates':
      return shapeFaults(Template, body);
    case 'connections':
      return shapeFaults(Connection, body);
    default:
      return assertNever(kind);
  }
}

function shapeFaults(schema: z.ZodType, body: unknown): readonly Found[] {
  const parsed = schema.safeParse(body);
  return parsed.success ? [] : faultsOf(parsed.error);
}

function unknownSegments(condition: Condition, known: ReadonlySet<string> | undefined): Found[] {
  return segmentsIn(condition)
    .filter((key) => known?.has(key) !== true)
    .map((key) => ({
      path: 'condition',
      code: 'unknown_segment',
      message: `there is no segment ${key}`,
    }));
}

/** Every segment that a condition names. */
export function segmentsIn(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(segmentsIn);
  if ('any' in condition) return condition.any.flatMap(segmentsIn);
  if ('not' in condition) return segmentsIn(condition.not);
  return 'segment' in condition ? [condition.segment] : [];
}
