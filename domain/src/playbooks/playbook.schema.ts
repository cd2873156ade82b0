import { z } from 'zod';
import { faultsOf, ok, refuse, type Fault, type JsonObject, type Result } from '../shared/index.js';
import { fill, settle } from './fill.js';
import type { Playbook, Settings } from './types.js';

/** The one shape of `playbook.json`. */

const KeySchema = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'not a key');
const TextSchema = z.string().min(1).max(500);

const ParametersSchema = z.record(
  z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'a parameter is named in camelCase'),
  z.strictObject({
    title: TextSchema,
    kind: z.enum(['duration', 'number', 'text', 'key', 'time']),
    default: z.union([z.string(), z.number()]),
  }),
);

const PlaybookSchema = z.strictObject({
  key: KeySchema,
  name: TextSchema,
  summary: TextSchema,
  parameters: ParametersSchema,
  needs: z.strictObject({
    events: z.array(
      z.strictObject({ name: TextSchema, properties: z.array(TextSchema).default([]) }),
    ),
    traits: z.array(TextSchema).default([]),
    connections: z.array(KeySchema).default([]),
    couponPools: z.array(KeySchema).default([]),
  }),
  leftOut: z.array(TextSchema).default([]),
});

export interface OpenedPlaybook {
  readonly playbook: Playbook;
  /** a value for every parameter: what was given, else the default */
  readonly settings: Settings;
}

/** A `playbook.json` with the settings that were asked for, or what is wrong with either. */
export function openPlaybook(
  raw: unknown,
  given: Readonly<Record<string, string | number>> = {},
): Result<OpenedPlaybook, readonly Fault[]> {
  const parameters = z.object({ parameters: ParametersSchema }).safeParse(raw);
  if (!parameters.success) return refuse(faultsOf(parameters.error));
  const settled = settle(parameters.data.parameters, given);
  if (!settled.ok) return settled;
  const object = z.custom<JsonObject>((value) => typeof value === 'object').parse(raw);
  const filled = fill(object, settled.value);
  if (!filled.ok) return filled;
  const parsed = PlaybookSchema.safeParse(filled.value);
  if (!parsed.success) return refuse(faultsOf(parsed.error));
  return ok({ playbook: parsed.data, settings: settled.value });
}
