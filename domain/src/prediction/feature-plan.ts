/** Features are read from what had happened by a moment. What came later would tell the model the answer. */
import { InvariantBroken } from '../shared/index.js';
import type { FeatureRow, FeatureValue } from './types.js';

/** One thing that was known: when it happened and when we learnt of it, in ms since epoch. */
export interface TimedInput {
  readonly name: string;
  readonly at: number;
  readonly receivedAt: number;
}

export interface PlannedFeature<Input extends TimedInput> {
  readonly name: string;
  /** the events it is made of, or null for all */
  readonly of: readonly string[] | null;
  /** how far it looks back from the moment, or null for all the way */
  readonly windowMs: number | null;
  readonly value: (inputs: readonly Input[], snapshot: number) => FeatureValue;
}

export type FeaturePlan<Input extends TimedInput> = readonly PlannedFeature<Input>[];

/** Refuses whatever happened, or became known, after the moment. */
export function assertBeforeSnapshot(inputs: Iterable<TimedInput>, snapshot: number): void {
  for (const { name, at, receivedAt } of inputs)
    if (at > snapshot || receivedAt > snapshot)
      throw new InvariantBroken(
        `a feature looks ahead: ${name} of ${Math.max(at, receivedAt)} is later than ${snapshot}`,
      );
}

/** Throws rather than leaving the late ones out: whoever brings them reads too far, and would do so elsewhere too. */
export function buildFeatures<Input extends TimedInput>(
  plan: FeaturePlan<Input>,
  inputs: readonly Input[],
  snapshot: number,
): FeatureRow {
  assertBeforeSnapshot(inputs, snapshot);
  return Object.fromEntries(
    plan.map(({ name, of, windowMs, value }) => {
      const own = inputs.filter(
        (input) =>
          (of === null || of.includes(input.name)) &&
          (windowMs === null || input.at > snapshot - windowMs),
      );
      return [name, value(own, snapshot)];
    }),
  );
}
