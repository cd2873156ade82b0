import { z } from 'zod';
import type { SkipReason } from '../journeys/types.js';
import {
  durationMs,
  faultsOf,
  ok,
  refuse,
  type Fault,
  type Json,
  type Result,
} from '../shared/index.js';

/** A journey's test in virtual time, as data: what happens, and what must be so by then. Files `tests/*.json` of a playbook. */

const NameSchema = z.string().min(1).max(255);
const PropertiesSchema = z.record(
  z.string(),
  z.custom<Json>((value) => value !== undefined),
);
const DurationSchema = z.string().refine((text) => durationMs(text) !== undefined, 'no duration');

const ConsentsSchema = z.array(
  z.strictObject({
    purpose: NameSchema,
    channel: NameSchema.default('*'),
    state: z.enum(['granted', 'denied', 'revoked']),
  }),
);

const SkipReasonSchema = z.enum([
  'no_address',
  'no_consent',
  'consent_revoked',
  'suppressed',
  'exited',
  'expired',
  'missing_variable',
  'merged_duplicate',
  'journey_stopped',
  'capped',
] as const satisfies readonly SkipReason[]);

const ActionSchema = z.union([
  z.strictObject({
    event: NameSchema,
    properties: PropertiesSchema.exactOptional(),
    /** that the event sets */
    traits: PropertiesSchema.exactOptional(),
    consents: ConsentsSchema.exactOptional(),
    /** it happened so long before it came */
    agedBy: DurationSchema.exactOptional(),
    imported: z.boolean().exactOptional(),
  }),
  z.strictObject({ after: DurationSchema }),
  z.strictObject({ entersSegment: NameSchema }),
  z.strictObject({ leavesSegment: NameSchema }),
  z.strictObject({ expectEntered: z.int().min(0) }),
  z.strictObject({ expectSent: NameSchema, times: z.int().min(1).exactOptional() }),
  z.strictObject({ expectNotSent: NameSchema }),
  z.strictObject({ expectSkipped: NameSchema, for: SkipReasonSchema }),
  z.strictObject({ expectWaitingAt: NameSchema }),
  z.strictObject({ expectEnded: NameSchema }),
  z.strictObject({ expectGoal: NameSchema }),
]);

const ScenarioSchema = z.strictObject({
  name: NameSchema,
  /** settings of the playbook for this test; a test has no holdout unless it says so */
  set: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  person: z
    .strictObject({
      traits: PropertiesSchema.exactOptional(),
      segments: z.array(NameSchema).exactOptional(),
      /** default: has consented */
      consents: z.literal('none').exactOptional(),
      address: z.null().exactOptional(),
    })
    .default({}),
  do: z.array(ActionSchema).min(1),
});

const ScenariosSchema = z.strictObject({ journey: NameSchema, scenarios: z.array(ScenarioSchema) });

export type Action = z.infer<typeof ActionSchema>;
export type Scenario = z.infer<typeof ScenarioSchema>;
export type Scenarios = z.infer<typeof ScenariosSchema>;

/** A file of tests from outside, or its faults by path. */
export function parseScenarios(value: unknown): Result<Scenarios, readonly Fault[]> {
  const parsed = ScenariosSchema.safeParse(value);
  return parsed.success ? ok(parsed.data) : refuse(faultsOf(parsed.error));
}
